// What the open-source server answers to requests that are no batch of good commands.

import { expect } from "bun:test";
import type { Recorded } from "./recorded.ts";

export const recordedRequests: readonly Recorded[] = [
  {
    label: "health",
    method: "GET",
    path: "/health-check",
    status: 200,
    answer: "",
    answerHeaders: { "content-type": "application/json; charset=utf-8" },
  },
  {
    label: "HEAD health",
    method: "HEAD",
    path: "/health-check",
    status: 405,
    answer: "",
  },
  {
    label: "GET /api",
    method: "GET",
    path: "/api?authData=%7B%7D&body=%5B%5D",
    status: 400,
    answer:
      "Reading records via HTTP GET is not yet implemented, please use a post request instead.",
  },
  {
    label: "GET /nope",
    method: "GET",
    path: "/nope",
    status: 404,
    answer: "Endpoint not found.",
    differs: { why: "paths of no API are answered alike for all of them", isBare: true },
  },
  {
    label: "PUT /api",
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: {},
    status: 405,
    answer: "Unsupported method. Supported methods: GET, POST, OPTIONS",
  },
  {
    label: "DELETE /api",
    method: "DELETE",
    status: 405,
    answer: "Unsupported method. Supported methods: GET, POST, OPTIONS",
  },
  {
    label: "OPTIONS preflight ok",
    method: "OPTIONS",
    headers: {
      Origin: "https://x.example",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "content-type",
    },
    status: 204,
    answer: "",
    answerHeaders: {
      "access-control-allow-methods": "GET, POST, OPTIONS",
      "access-control-allow-headers":
        "X-Requested-With, X-HTTP-Method-Override, Content-Type, Accept",
    },
    differs: {
      why: "tokens come in Authorization, and If-None-Match asks for a record that has changed",
      answerHeaders: {
        "access-control-allow-headers": expect.stringMatching(
          /^X-Requested-With, X-HTTP-Method-Override, Content-Type, Accept, .*Authorization/,
        ),
      },
    },
  },
  {
    label: "OPTIONS no method",
    method: "OPTIONS",
    status: 400,
    answer: 'Missing header "Access-Control-Request-Method".',
  },
  {
    label: "OPTIONS no headers",
    method: "OPTIONS",
    headers: { "Access-Control-Request-Method": "POST" },
    status: 400,
    answer: 'Missing header "Access-Control-Request-Headers".',
  },
  {
    label: "OPTIONS bad header",
    method: "OPTIONS",
    headers: {
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "content-type, authorization",
    },
    status: 403,
    answer:
      "Header  authorization is forbidden. Supported headers: X-Requested-With, X-HTTP-Method-Override, Content-Type, Accept",
    differs: {
      why: "tokens come in Authorization, and If-None-Match asks for a record that has changed",
      status: 204,
      answer: "",
    },
  },
  {
    label: "POST /api/extra (prefix match)",
    path: "/api/extra?x=1",
    body: { body: [{ topic: "presence", action: "query" }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ users: ["alice", "bob"], success: true }] },
    differs: {
      why: "nobody is online without a WebSocket",
      answer: { result: "SUCCESS", body: [{ success: true, users: [] }] },
    },
  },
  {
    label: "POST /apixyz (prefix match)",
    path: "/apixyz",
    body: { body: [{ topic: "presence", action: "query" }] },
    status: 200,
    answer: { result: "SUCCESS", body: [{ users: ["alice", "bob"], success: true }] },
    differs: {
      why: "only what is below the path is matched, not what begins like it",
      isBare: true,
      status: 404,
      answer: "Endpoint not found.",
    },
  },
  {
    label: "text/plain",
    headers: { "Content-Type": "text/plain" },
    body: { body: [] },
    status: 415,
    answer: 'Invalid "Content-Type" header. Supported media types: "application/json"',
  },
  {
    label: "form",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: "a=b",
    status: 415,
    answer: 'Invalid "Content-Type" header. Supported media types: "application/json"',
  },
  {
    label: "json charset utf-16 bogus",
    headers: { "Content-Type": "application/json; charset=bogus" },
    body: { body: [] },
    status: 400,
    answer: 'Failed to parse body of request: unsupported charset "BOGUS"',
  },
  {
    label: "application/vnd.api+json",
    headers: { "Content-Type": "application/vnd.api+json" },
    body: {},
    status: 415,
    answer: 'Invalid "Content-Type" header. Supported media types: "application/json"',
  },
  {
    label: "empty body",
    body: "",
    status: 400,
    answer: 'Invalid message: the "body" parameter must exist.',
  },
  {
    label: "JSON scalar 123",
    body: "123",
    status: 400,
    answer: "Failed to parse body of request: Unexpected token '1', \"123\" is not valid JSON",
  },
  {
    label: "JSON null",
    body: "null",
    status: 400,
    answer: "Failed to parse body of request: Unexpected token 'n', \"null\" is not valid JSON",
  },
  {
    label: "JSON array",
    body: '["a","2","3.5"]',
    status: 400,
    answer: 'Invalid message: the "body" parameter must exist.',
  },
  {
    label: "body null",
    body: { body: null },
    status: 400,
    answer: 'Invalid message: the "body" parameter must exist.',
  },
  {
    label: "body string",
    body: { body: "x" },
    status: 400,
    answer: 'Invalid message: the "body" parameter must be a non-empty array of Objects.',
  },
  {
    label: "body []",
    body: { body: [] },
    status: 400,
    answer: 'Invalid message: the "body" parameter must be a non-empty array of Objects.',
  },
  {
    label: "body [null]",
    body: { body: [null] },
    status: 400,
    answer: "Failed to parse JIF object at index 0. Reason: property '' should be object",
  },
  {
    label: "body [{}]",
    body: { body: [{}] },
    status: 400,
    answer:
      "Failed to parse JIF object at index 0. Reason: property 'topic' is required for topic 'undefined'",
  },
  {
    label: "body [[]]",
    body: { body: [[]] },
    status: 400,
    answer: "Failed to parse JIF object at index 0. Reason: property '' should be object",
  },
  {
    label: "cmd: topic unknown",
    body: { body: [{ topic: "foo", action: "emit" }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "cmd: topic number",
    body: { body: [{ topic: 5, action: "emit" }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "cmd: action missing",
    body: { body: [{ topic: "event", eventName: "x" }] },
    status: 400,
    answer:
      "Failed to parse JIF object at index 0. Reason: property 'action' is required for topic 'event'",
  },
  {
    label: "cmd: eventName missing",
    body: { body: [{ topic: "event", action: "emit" }] },
    status: 400,
    answer:
      "Failed to parse JIF object at index 0. Reason: property 'eventName' is required for topic 'event'",
  },
  {
    label: "cmd: eventName number",
    body: { body: [{ topic: "event", action: "emit", eventName: 1 }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0. Reason: property '.eventName' should be string",
  },
  {
    label: "cmd: event extra prop",
    body: { body: [{ topic: "event", action: "emit", eventName: "x", foo: 1 }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "cmd: recordName empty",
    body: { body: [{ topic: "record", action: "read", recordName: "" }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "cmd: recordName number",
    body: { body: [{ topic: "record", action: "read", recordName: 7 }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "cmd: read with version",
    body: { body: [{ topic: "record", action: "read", recordName: "x", version: 1 }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "cmd: read with path",
    body: { body: [{ topic: "record", action: "read", recordName: "x", path: "a" }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "cmd: write version string",
    body: { body: [{ topic: "record", action: "write", recordName: "x", version: "5", data: {} }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "cmd: rpcName missing",
    body: { body: [{ topic: "rpc", action: "make" }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "cmd: rpc action",
    body: { body: [{ topic: "rpc", action: "provide", rpcName: "x" }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "cmd: presence extra",
    body: { body: [{ topic: "presence", action: "query", parameters: ["a"] }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "cmd: presence subscribe",
    body: { body: [{ topic: "presence", action: "subscribe" }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "cmd: UPPERCASE topic",
    body: { body: [{ topic: "EVENT", action: "EMIT", eventName: "x" }] },
    status: 400,
    answer: "Failed to parse JIF object at index 0.",
  },
  {
    label: "token number",
    body: { token: 5, body: [{ topic: "presence", action: "query" }] },
    status: 400,
    answer: 'Invalid message: the "token" parameter must be a non-empty string',
  },
  {
    label: "token null",
    body: { token: null, body: [{ topic: "presence", action: "query" }] },
    status: 400,
    answer: 'Invalid message: the "token" parameter must be a non-empty string',
  },
  {
    label: "auth endpoint open auth",
    path: "/api/auth",
    body: { username: "x" },
    status: 200,
    answer: {},
    differs: {
      why: "every login gets a token, as the documentation shows",
      answer: { success: true, token: expect.any(String), clientData: {} },
    },
  },
  {
    label: "auth endpoint open auth {}",
    path: "/api/auth",
    body: {},
    status: 200,
    answer: {},
    differs: {
      why: "every login gets a token, as the documentation shows",
      answer: { success: true, token: expect.any(String), clientData: {} },
    },
  },
  {
    label: "payload too large (limit 1 MiB)",
    body: `{"body":[{"topic":"event","action":"emit","eventName":"x","data":"${"y".repeat(1_100_000)}"}]}`,
    status: 400,
    answer: "Failed to parse body of request: request entity too large",
  },
];
