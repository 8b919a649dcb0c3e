// What the open-source server answers where a webhook knows the users.

import type { Recorded } from "../deepstream-http/recorded.ts";

export const recordedWebhook: readonly Recorded[] = [
  {
    label: "auth ok admin",
    path: "/api/auth",
    body: { username: "admin", password: "pw" },
    status: 200,
    answer: { token: "tok-admin", clientData: { client: "data" } },
    differs: {
      why: "success is said, as the documentation shows",
      answer: { success: true, token: "tok-admin", clientData: { client: "data" } },
    },
  },
  {
    label: "auth bad password (json 401)",
    path: "/api/auth",
    body: { username: "A", password: "x" },
    status: 401,
    answer: "Invalid authentication data.",
  },
  {
    label: "auth {}",
    path: "/api/auth",
    body: {},
    status: 401,
    answer: "Invalid authentication data.",
  },
  {
    label: "auth invalid JSON",
    path: "/api/auth",
    body: "{",
    status: 400,
    answer: "Failed to parse body of request: Expected property name or '}' in JSON at position 1",
  },
  {
    label: "GET auth",
    method: "GET",
    path: "/api/auth",
    status: 400,
    answer:
      "Reading records via HTTP GET is not yet implemented, please use a post request instead.",
  },
  {
    label: "no token (webhook auth)",
    body: { body: [{ topic: "event", action: "emit", eventName: "x" }] },
    status: 401,
    answer: "Unsuccessful authentication attempt.",
  },
  {
    label: "good token",
    body: { token: "tok-A", body: [{ topic: "event", action: "emit", eventName: "x" }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  {
    label: "authData in POST",
    body: {
      authData: { username: "A", password: "pw" },
      body: [{ topic: "event", action: "emit", eventName: "x" }],
    },
    status: 200,
    answer: { result: "SUCCESS", body: [{ success: true }] },
  },
  {
    label: "bad token + bad command (auth first)",
    body: { token: "bad", body: [{ topic: "nope" }] },
    status: 401,
    answer: "Unsuccessful authentication attempt.",
  },
  {
    label: "bad token + empty body (body first)",
    body: { token: "bad", body: [] },
    status: 400,
    answer: 'Invalid message: the "body" parameter must be a non-empty array of Objects.',
  },
];
