// What the open-source server answers to credentials in a request of commands, where they are allowed.

import type { Recorded } from "../deepstream-http/recorded.ts";

export const recordedAuthData: readonly Recorded[] = [
  {
    label: "presence query as alice via authData",
    body: { authData: { username: "alice" }, body: [{ topic: "presence", action: "query" }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ users: ["bob"], success: true }] },
    differs: {
      why: "nobody is online without a WebSocket",
      answer: { result: "SUCCESS", body: [{ success: true, users: [] }] },
    },
  },
  {
    label: "authData string",
    body: { authData: "x", body: [{ topic: "presence", action: "query" }] },
    status: 400,
    answer: 'Invalid message: the "authData" parameter must be an object',
  },
  {
    label: "authData null",
    body: { authData: null, body: [{ topic: "presence", action: "query" }] },
    status: 400,
    answer: 'Invalid message: the "authData" parameter must be an object',
  },
];
