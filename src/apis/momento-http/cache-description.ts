// Caches, as the description of the API tells them.

import { Type } from "@sinclair/typebox";
import { JSON_TYPE, type Operation } from "../../http/description.ts";
import { jsonFailure, jsonFailures } from "../../http/failures.ts";
import { CacheAnswer, CacheList, CacheUsage } from "./answers.ts";
import { CacheRequest } from "./schema.ts";
import { CACHE_NAME } from "./topic-description.ts";

const TAG = "Caches";
const CACHES = "/caches";
const CACHE = "/caches/{cacheName}";
const PATH = Type.Object({ cacheName: CACHE_NAME });
const NAMED = { cacheName: "orders" };

const ORDERS = {
  name: "orders",
  created_at: 1_767_225_600_000,
  retention: { seconds: 3600, bytes: 1_073_741_824, topic_items: 1000 },
  limits: {
    topics: 1_000_000,
    stored_bytes: 2_000_000_000,
    publishes_per_second: 500,
    bytes_per_second: 0,
    waiters: 0,
  },
  topics: 0,
  bytes: 0,
  waiters: 0,
};

const LIST: Operation = {
  id: "listCaches",
  tag: TAG,
  method: "get",
  path: CACHES,
  summary: "List the caches",
  caller: "admin",
  answers: {
    200: { description: "All of them.", content: { [JSON_TYPE]: CacheList } },
    ...jsonFailures(
      "invalid_argument",
      "unauthenticated",
      "permission_denied",
      "identity_provider_unavailable",
      "stopping",
    ),
  },
  examples: [
    {
      name: "all",
      summary: "All caches",
      answer: { status: 200 },
    },
    {
      name: "not-allowed",
      summary: "With a token that is not an administrator's",
      token: "token",
      answer: jsonFailure("permission_denied", "This needs an admin token."),
    },
  ],
};

const PUT: Operation = {
  id: "putCache",
  tag: TAG,
  method: "put",
  path: CACHE,
  summary: "Make a cache, or change its settings",
  description: "What is left out stays as it is, and follows the server's settings at first.",
  caller: "admin",
  parameters: { path: PATH },
  body: { required: false, content: { [JSON_TYPE]: CacheRequest } },
  answers: {
    200: { description: "It was changed.", content: { [JSON_TYPE]: CacheAnswer } },
    201: { description: "It was made.", content: { [JSON_TYPE]: CacheAnswer } },
    ...jsonFailures(
      "invalid_argument",
      "body_late",
      "unauthenticated",
      "permission_denied",
      "limit_exceeded",
      "storage_full",
      "identity_provider_unavailable",
      "stopping",
      "outcome_unknown",
    ),
  },
  examples: [
    {
      name: "make",
      summary: "With an hour of messages, and a thousand in a topic",
      path: NAMED,
      body: {
        retention: { seconds: 3600, topic_items: 1000 },
        limits: { stored_bytes: 2_000_000_000, publishes_per_second: 500 },
      },
      answer: { status: 201, body: ORDERS },
    },
    {
      name: "change",
      summary: "Back to the server's retention by number, and no limit on publishes",
      path: NAMED,
      body: { retention: { topic_items: null }, limits: { publishes_per_second: 0 } },
      answer: {
        status: 200,
        body: {
          ...ORDERS,
          retention: { ...ORDERS.retention, topic_items: 0 },
          limits: { ...ORDERS.limits, publishes_per_second: 0 },
        },
      },
    },
    {
      name: "wrong",
      summary: "With a setting that there is not",
      path: NAMED,
      body: { retention: { days: 7 } },
      answer: jsonFailure(
        "invalid_argument",
        "The body is not valid: retention.days: unexpected property.",
      ),
    },
  ],
};

const GET: Operation = {
  id: "getCache",
  tag: TAG,
  method: "get",
  path: CACHE,
  summary: "Show a cache",
  caller: "admin",
  parameters: { path: PATH },
  answers: {
    200: {
      description: "Its settings and what it holds.",
      content: { [JSON_TYPE]: CacheAnswer },
    },
    ...jsonFailures(
      "invalid_argument",
      "unauthenticated",
      "permission_denied",
      "cache_not_found",
      "identity_provider_unavailable",
      "stopping",
    ),
  },
  examples: [
    {
      name: "one",
      summary: "A cache",
      path: NAMED,
      answer: {
        status: 200,
        body: {
          ...ORDERS,
          retention: { ...ORDERS.retention, topic_items: 0 },
          limits: { ...ORDERS.limits, publishes_per_second: 0 },
        },
      },
    },
    {
      name: "none",
      summary: "One that there is not",
      path: { cacheName: "none" },
      answer: jsonFailure("cache_not_found", "Cache not found"),
    },
  ],
};

const USAGE: Operation = {
  id: "getCacheUsage",
  tag: TAG,
  method: "get",
  path: `${CACHE}/usage`,
  summary: "Count what a cache holds",
  description: "It may take a second where there are a million topics.",
  caller: "admin",
  parameters: { path: PATH },
  answers: {
    200: { description: "What it holds.", content: { [JSON_TYPE]: CacheUsage } },
    ...jsonFailures(
      "invalid_argument",
      "unauthenticated",
      "permission_denied",
      "cache_not_found",
      "identity_provider_unavailable",
      "stopping",
    ),
  },
  examples: [
    {
      name: "usage",
      summary: "Of a cache with two messages",
      path: { cacheName: "my-cache" },
      answer: {
        status: 200,
        body: { topics: 2, items: 2, bytes: 149, waiters: 0, idempotency_keys: 0 },
      },
    },
    {
      name: "none",
      summary: "Of one that there is not",
      path: { cacheName: "none" },
      answer: jsonFailure("cache_not_found", "Cache not found"),
    },
  ],
};

const DELETE: Operation = {
  id: "deleteCache",
  tag: TAG,
  method: "delete",
  path: CACHE,
  summary: "Delete a cache with all its topics",
  description: "Polls that wait on it end with 404.",
  caller: "admin",
  parameters: { path: PATH },
  answers: {
    204: { description: "It is gone for everybody." },
    ...jsonFailures(
      "invalid_argument",
      "unauthenticated",
      "permission_denied",
      "cache_not_found",
      "storage_full",
      "identity_provider_unavailable",
      "stopping",
      "outcome_unknown",
    ),
  },
  examples: [{ name: "delete", summary: "Delete a cache", path: NAMED, answer: { status: 204 } }],
};

export const CACHE_OPERATIONS: readonly Operation[] = [LIST, PUT, GET, USAGE, DELETE];
