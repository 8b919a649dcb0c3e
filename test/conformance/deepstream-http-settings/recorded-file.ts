// What the open-source server answers where a file lists the users, to pages of one origin.

import { expect } from "bun:test";
import type { Recorded } from "../deepstream-http/recorded.ts";

export const recordedFile: readonly Recorded[] = [
  {
    label: "origin missing",
    body: { body: [{ topic: "presence", action: "query" }] },
    status: 403,
    answer: 'CORS is configured for this. All requests must set a valid "Origin" header.',
  },
  {
    label: "origin bad",
    headers: { Origin: "https://evil.example" },
    body: { body: [{ topic: "presence", action: "query" }] },
    status: 403,
    answer: 'Origin "https://evil.example" is forbidden.',
  },
  {
    label: "file auth no creds",
    headers: { Origin: "https://good.example" },
    body: { body: [{ topic: "presence", action: "query" }] },
    status: 401,
    answer: "Unsuccessful authentication attempt.",
    answerHeaders: {
      "access-control-allow-origin": "https://good.example",
      "access-control-allow-credentials": "true",
      vary: "Origin",
    },
  },
  {
    label: "file auth endpoint ok",
    path: "/api/auth",
    headers: { Origin: "https://good.example" },
    body: { username: "bob", password: "pw" },
    status: 200,
    answer: { clientData: { c: 1 } },
    answerHeaders: {
      "access-control-allow-origin": "https://good.example",
      "access-control-allow-credentials": "true",
      vary: "Origin",
    },
    differs: {
      why: "every login gets a token, as the documentation shows",
      answer: { success: true, token: expect.any(String), clientData: { c: 1 } },
    },
  },
  {
    label: "file auth endpoint unknown user",
    path: "/api/auth",
    headers: { Origin: "https://good.example" },
    body: { username: "zed", password: "no" },
    status: 401,
    answer: "Invalid authentication data.",
    answerHeaders: {
      "access-control-allow-origin": "https://good.example",
      "access-control-allow-credentials": "true",
      vary: "Origin",
    },
  },
  {
    label: "file auth endpoint missing fields",
    path: "/api/auth",
    headers: { Origin: "https://good.example" },
    body: {},
    status: 401,
    answer: "Invalid authentication data.",
    answerHeaders: {
      "access-control-allow-origin": "https://good.example",
      "access-control-allow-credentials": "true",
      vary: "Origin",
    },
  },
];
