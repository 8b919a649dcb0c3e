// Publish and subscribe, and what an administrator sees and does of topics.

import { Elysia } from "elysia";
import type { Principal } from "../../core/access/principal.ts";
import type { Appended, TopicName } from "../../core/topics/topic-log.ts";
import { messageTooLarge } from "../../core/topics/topics.ts";
import { type BodyBounds, readBody } from "../../http/body.ts";
import { wrongMethodResponse } from "../../http/errors.ts";
import { heldOpen } from "../../http/held-open.ts";
import { pageOf } from "../../http/page-query.ts";
import { queryOf } from "../../http/query.ts";
import { tokenOf } from "../../http/token.ts";
import {
  decodeMessage,
  decodeName,
  decodeSubscribe,
  decodeTopicName,
  encodeDelivery,
  requireIdentityEncoding,
  type SubscribeRequest,
} from "./codec.ts";
import type { MomentoHttpOptions, MomentoHttpServices } from "./plugin.ts";

/** A POST to it is a publish. */
export const TOPIC = "/topics/:cacheName/:topicName";
const TOPICS = "/topics/:cacheName";

export function topicRoutes(services: MomentoHttpServices, options: MomentoHttpOptions) {
  const { topics, tokens, bodies, cors, holdOpen, letIdle } = services;
  const { messageBytesMax, waitSecondsMax } = options;
  const messageBounds: BodyBounds = {
    bytesMax: messageBytesMax,
    tooLarge: () => messageTooLarge(messageBytesMax),
  };

  /** Apart from the handler, so that what it decoded is not kept for as long as a poll waits. */
  async function poll(
    request: Request,
    principal: Principal,
    name: TopicName,
    { edition, position, timeoutSeconds }: SubscribeRequest,
  ): Promise<Response> {
    if (request.method === "HEAD") {
      topics.requireSubscribe(principal, name);
      return cors.allow(request, json(null));
    }
    let isHeld = false;
    try {
      const delivery = await topics.subscribe(principal, name, position, {
        timeoutMs: Math.min(timeoutSeconds ?? waitSecondsMax, waitSecondsMax) * 1000,
        hold: () => {
          isHeld = true;
          holdOpen(request);
          return request.signal;
        },
      });
      return cors.allow(request, json(encodeDelivery(delivery, edition)));
    } finally {
      // Else the connection would stay for as long as its client likes.
      if (isHeld) letIdle(request);
    }
  }

  return new Elysia({ name: "momento-http/topics" })
    .post(
      TOPIC,
      async ({ request, params }) => {
        const name = decodeTopicName(params.cacheName, params.topicName);
        const token = tokenOf(request.headers, queryOf(request.url));
        const early = tokens.recall(token) ?? (await tokens.authenticate(token));
        topics.requirePublish(early, name);
        requireIdentityEncoding(request.headers);
        // Disposed below: `using` would cost every publish an array and two objects more.
        const share = bodies.open();
        try {
          const body = await readBody(services, request, share, messageBounds);
          const message = decodeMessage(request.headers, body);
          // The token may have ended while the body came in.
          const principal = tokens.recall(token) ?? (await tokens.authenticate(token));
          const appended = await topics.publish(principal, name, message);
          return cors.allow(request, published(appended));
        } finally {
          // Not before: the message is held until its answer, and the connection with it.
          share[Symbol.dispose]();
        }
      },
      { parse: "none" },
    )
    .get(TOPIC, ({ request, params }) => {
      const name = decodeTopicName(params.cacheName, params.topicName);
      const query = queryOf(request.url);
      const token = tokenOf(request.headers, query);
      const asked = decodeSubscribe(query);
      const principal = tokens.recall(token);
      if (principal !== undefined) return poll(request, principal, name, asked);
      return tokens.authenticate(token).then((known) => poll(request, known, name, asked));
    })
    .delete(TOPIC, async ({ request, params }) => {
      const name = decodeTopicName(params.cacheName, params.topicName);
      const principal = await tokens.authenticate(tokenOf(request.headers, queryOf(request.url)));
      await heldOpen(services, request, topics.delete(principal, name));
      return cors.allow(request, new Response(null, { status: 204 }));
    })
    .get(TOPICS, async ({ request, params }) => {
      const cache = decodeName("cache name", params.cacheName);
      const query = queryOf(request.url);
      const principal = await tokens.authenticate(tokenOf(request.headers, query));
      const { after, limit } = pageOf(query);
      const found = await topics.list(principal, cache, after, limit + 1);
      const page = found.slice(0, limit).map((topic) => ({
        name: topic.topic,
        sequence_page: topic.sequencePage,
        first_sequence_number: topic.oldest,
        last_sequence_number: topic.newest,
        bytes: topic.bytes,
        waiters: topic.waiters,
      }));
      const next = found.length > limit ? (page.at(-1)?.name ?? null) : null;
      return cors.allow(request, json(JSON.stringify({ topics: page, next })));
    })
    .options(TOPIC, ({ request }) => cors.preflight(request))
    .options(TOPICS, ({ request }) => cors.preflight(request))
    .all(TOPIC, ({ request }) =>
      cors.allow(request, wrongMethodResponse(request.method, ["GET", "HEAD", "POST", "DELETE"])),
    )
    .all(TOPICS, ({ request }) =>
      cors.allow(request, wrongMethodResponse(request.method, ["GET", "HEAD"])),
    );
}

function published({ sequenceNumber, sequencePage, duplicate }: Appended): Response {
  const headers: Record<string, string> = {
    "Topic-Sequence-Number": String(sequenceNumber),
    "Topic-Sequence-Page": String(sequencePage),
  };
  if (duplicate) headers["Idempotent-Replay"] = "true";
  return new Response(null, { status: 204, headers });
}

/** Made once: each answer copies it, which costs less than to make it anew for each of thousands of waiters. */
const JSON_ANSWER = {
  headers: new Headers({ "content-type": "application/json", "cache-control": "no-store" }),
};

function json(text: string | null): Response {
  return new Response(text, JSON_ANSWER);
}
