// Topics, as the description of the API tells them.

import { Type } from "@sinclair/typebox";
import { NAME_BYTES_MAX, NAME_RULE } from "../../core/names.ts";
import { choice, grouped, JSON_TYPE, type Operation } from "../../http/description.ts";
import { jsonFailure, jsonFailures } from "../../http/failures.ts";
import { PageQuery } from "../../http/page-query.ts";
import { Delivery, TopicPage } from "./answers.ts";
import { BINARY } from "./codec.ts";

export interface TopicLimits {
  readonly messageBytesMax: number;
  readonly waitSecondsMax: number;
  readonly pageItemsMax: number;
  readonly idempotencySeconds: number;
}

export const CACHE_NAME = nameOf("The name of the cache");

const TOPIC_PATH = Type.Object({
  cacheName: CACHE_NAME,
  topicName: nameOf("The name of the topic"),
});

const TOPIC = "/topics/{cacheName}/{topicName}";
const TAG = "Topics";
const EXAMPLE = { cacheName: "my-cache", topicName: "example" };
const NUMBER = { "Topic-Sequence-Number": "1" };

const COUNT = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

const SubscribeQuery = Type.Object({
  sequence_number: Type.Optional(
    Type.Integer({
      ...COUNT,
      description:
        "Without `sequence_page`, the last number that you received: 0 begins at the beginning, none at the newest message, or else the next. With it, the next number that you expect: 1 begins at the beginning, 0 or none at the newest.",
    }),
  ),
  sequence_page: Type.Optional(
    Type.Integer({
      ...COUNT,
      description: "The page that you were given, or 0 if you have none.",
    }),
  ),
  timeout: Type.Optional(
    Type.Integer({
      ...COUNT,
      description: "Seconds to wait for a message, up to the server's limit; 0 never waits.",
    }),
  ),
});

export function topicOperations(limits: TopicLimits): readonly Operation[] {
  return [publish(limits), subscribe(limits), DELETE_TOPIC, LIST_TOPICS];
}

function publish({ messageBytesMax, idempotencySeconds }: TopicLimits): Operation {
  return {
    id: "publish",
    tag: TAG,
    method: "post",
    path: TOPIC,
    summary: "Publish a message",
    description: `The answer comes when the message is on disk. Topics come into being by being used.

A message has 1 to ${grouped(messageBytesMax)} bytes (\`topics.message_bytes_max\`). Of type \`${BINARY}\` it is binary; of any other it is text in UTF-8, word for word, JSON and forms included; of none, text if it is valid UTF-8.`,
    caller: "token",
    parameters: {
      path: TOPIC_PATH,
      header: Type.Object({
        "Idempotency-Key": Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 255,
            description: `Printable ASCII without a comma. The same key on the same topic within ${grouped(idempotencySeconds)} seconds (\`topics.idempotency_window_seconds\`) is stored once; the same key with another message is 400.`,
          }),
        ),
      }),
    },
    body: {
      description: "The message.",
      required: true,
      content: { "text/plain": Type.String({ minLength: 1 }), [BINARY]: Type.Any() },
    },
    answers: {
      204: {
        description: "The message is on disk.",
        headers: Type.Object({
          "Topic-Sequence-Number": Type.Integer({ minimum: 1, description: "Its place." }),
          "Topic-Sequence-Page": Type.Integer({
            description: "The incarnation of the topic's numbers.",
          }),
          "Idempotent-Replay": Type.Optional(
            choice(["true"], "It was stored before, under the same Idempotency-Key."),
          ),
        }),
      },
      ...jsonFailures(
        "invalid_argument",
        "body_late",
        "unauthenticated",
        "permission_denied",
        "cache_not_found",
        "limit_exceeded",
        "storage_full",
        "identity_provider_unavailable",
        "stopping",
        "outcome_unknown",
      ),
    },
    examples: [
      {
        name: "text",
        summary: "A text",
        path: EXAMPLE,
        body: "hello world!",
        answer: { status: 204, headers: NUMBER },
      },
      {
        name: "key",
        summary: "With an idempotency key",
        path: { ...EXAMPLE, topicName: "drafts" },
        headers: { "Idempotency-Key": "order-17" },
        body: "an order",
        answer: { status: 204, headers: NUMBER },
      },
      {
        name: "retry",
        summary: "The same once more",
        path: { ...EXAMPLE, topicName: "drafts" },
        headers: { "Idempotency-Key": "order-17" },
        body: "an order",
        answer: { status: 204, headers: { ...NUMBER, "Idempotent-Replay": "true" } },
      },
      {
        name: "binary",
        summary: "Bytes",
        path: { ...EXAMPLE, topicName: "bytes" },
        body: "any bytes",
        contentType: BINARY,
        answer: { status: 204, headers: NUMBER },
      },
      {
        name: "not-allowed",
        summary: "To a cache that the token is not for",
        path: { ...EXAMPLE, cacheName: "another-cache" },
        body: "hello world!",
        answer: jsonFailure(
          "permission_denied",
          "The token does not allow publishing to this topic.",
        ),
      },
    ],
  };
}

function subscribe({ waitSecondsMax, pageItemsMax }: TopicLimits): Operation {
  return {
    id: "subscribe",
    tag: TAG,
    method: "get",
    path: TOPIC,
    summary: "Receive messages",
    description: `Waits until there is a message, for \`timeout\` or ${grouped(waitSecondsMax)} seconds (\`topics.wait_seconds_max\`), and answers with the messages that there are, oldest first, at most ${grouped(pageItemsMax)} (\`topics.page_items_max\`). Ask again from the last number for what follows, also after an answer without messages.

There are two editions, and a request chooses by whether it has \`sequence_page\`: without it, \`sequence_number\` is the **last** number that you received; with it, the **next** that you expect.`,
    caller: "token",
    parameters: { path: TOPIC_PATH, query: SubscribeQuery },
    answers: {
      200: {
        description: "Messages, or none when the wait is over.",
        content: { [JSON_TYPE]: Delivery },
      },
      ...jsonFailures(
        "invalid_argument",
        "unauthenticated",
        "permission_denied",
        "cache_not_found",
        "limit_exceeded",
        "identity_provider_unavailable",
        "stopping",
      ),
    },
    examples: [
      {
        name: "newest",
        summary: "The newest message, or else the next",
        path: EXAMPLE,
        answer: { status: 200, body: HELLO },
      },
      {
        name: "resume",
        summary: "What follows number 1, without waiting",
        path: EXAMPLE,
        query: { sequence_number: 1, timeout: 0 },
        answer: { status: 200, body: { items: [] } },
      },
      {
        name: "page",
        summary: "The other edition: from number 1 on",
        path: EXAMPLE,
        query: { sequence_number: 1, sequence_page: 0 },
        answer: {
          status: 200,
          body: {
            items: [
              {
                item: {
                  topic_sequence_number: 1,
                  value: { text: "hello world!" },
                  sequence_page: 1_767_225_600,
                  published_at: 1_767_225_601_000,
                },
              },
            ],
          },
        },
      },
      {
        name: "binary",
        summary: "Bytes come in base64",
        path: { ...EXAMPLE, topicName: "bytes" },
        query: { sequence_number: 0 },
        answer: {
          status: 200,
          body: {
            items: [{ item: { topic_sequence_number: 1, value: { binary: "YW55IGJ5dGVz" } } }],
          },
        },
      },
      {
        name: "gone",
        summary: "After a number that there is not: the first entry tells of the gap",
        path: EXAMPLE,
        query: { sequence_number: 100 },
        answer: {
          status: 200,
          body: {
            items: [
              { discontinuity: { last_topic_sequence: 100, new_topic_sequence: 1 } },
              ...HELLO.items,
            ],
          },
        },
      },
      {
        name: "bad-number",
        summary: "What is no number",
        path: EXAMPLE,
        query: { sequence_number: "first" },
        answer: jsonFailure(
          "invalid_argument",
          `The query parameter sequence_number must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER} in decimal digits.`,
        ),
      },
    ],
  };
}

const HELLO = {
  items: [{ item: { topic_sequence_number: 1, value: { text: "hello world!" } } }],
};

const DELETE_TOPIC: Operation = {
  id: "deleteTopic",
  tag: TAG,
  method: "delete",
  path: TOPIC,
  summary: "End a topic",
  description:
    "Its messages and its numbers are gone; who waits on it is told of its next beginning.",
  caller: "admin",
  parameters: { path: TOPIC_PATH },
  answers: {
    204: { description: "The topic is gone." },
    ...jsonFailures(
      "invalid_argument",
      "unauthenticated",
      "permission_denied",
      "cache_not_found",
      "topic_not_found",
      "storage_full",
      "identity_provider_unavailable",
      "stopping",
      "outcome_unknown",
    ),
  },
  examples: [
    {
      name: "delete",
      summary: "End a topic",
      path: { ...EXAMPLE, topicName: "drafts" },
      answer: { status: 204 },
    },
  ],
};

const LIST_TOPICS: Operation = {
  id: "listTopics",
  tag: TAG,
  method: "get",
  path: "/topics/{cacheName}",
  summary: "List the topics of a cache",
  description: "For administrators, and for a token for the whole cache.",
  caller: "token",
  parameters: { path: Type.Object({ cacheName: CACHE_NAME }), query: PageQuery },
  answers: {
    200: { description: "A page of them.", content: { [JSON_TYPE]: TopicPage } },
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
      name: "page",
      summary: "After a name",
      path: { cacheName: "my-cache" },
      query: { after: "bytes", limit: 10 },
      answer: {
        status: 200,
        body: {
          topics: [
            {
              name: "example",
              sequence_page: 1_767_225_600,
              first_sequence_number: 1,
              last_sequence_number: 1,
              bytes: 76,
              waiters: 0,
            },
          ],
          next: null,
        },
      },
    },
  ],
};

function nameOf(what: string) {
  return Type.String({
    minLength: 1,
    maxLength: NAME_BYTES_MAX,
    description: `${what}: ${NAME_RULE}.`,
  });
}
