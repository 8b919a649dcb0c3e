// Caches: made, changed, shown and deleted by administrators.

import { Elysia } from "elysia";
import type { CacheOverrides } from "../../core/caches/cache.ts";
import type { CacheReport } from "../../core/caches/caches.ts";
import { wrongMethodResponse } from "../../http/errors.ts";
import { heldOpen } from "../../http/held-open.ts";
import { readJson } from "../../http/json-body.ts";
import { queryOf } from "../../http/query.ts";
import { tokenOf } from "../../http/token.ts";
import type { CacheAnswer } from "./answers.ts";
import { decodeName } from "./codec.ts";
import type { MomentoHttpServices } from "./plugin.ts";
import { CacheRequest } from "./schema.ts";

const CACHE = "/caches/:cacheName";
const CACHES = "/caches";
const USAGE = "/caches/:cacheName/usage";

export function cacheRoutes(services: MomentoHttpServices) {
  const { caches, tokens, cors } = services;
  return new Elysia({ name: "momento-http/caches" })
    .get(CACHES, async ({ request }) => {
      const principal = await tokens.authenticate(tokenOf(request.headers, queryOf(request.url)));
      const reports = await caches.list(principal);
      return cors.allow(request, Response.json({ caches: reports.map(encodeCache) }));
    })
    .get(CACHE, async ({ request, params }) => {
      const name = decodeName("cache name", params.cacheName);
      const principal = await tokens.authenticate(tokenOf(request.headers, queryOf(request.url)));
      const report = await caches.get(principal, name);
      return cors.allow(request, Response.json(encodeCache(report)));
    })
    .get(USAGE, async ({ request, params }) => {
      const name = decodeName("cache name", params.cacheName);
      const principal = await tokens.authenticate(tokenOf(request.headers, queryOf(request.url)));
      const { idempotencyKeys, ...tally } = await caches.tally(principal, name);
      const usage = { ...tally, idempotency_keys: idempotencyKeys };
      return cors.allow(request, Response.json(usage));
    })
    .put(
      CACHE,
      async ({ request, params }) => {
        const name = decodeName("cache name", params.cacheName);
        const token = tokenOf(request.headers, queryOf(request.url));
        await tokens.authenticate(token);
        const overrides = decodeOverrides(await readJson(services, request, CacheRequest));
        // The token may have ended while the body came in.
        const principal = await tokens.authenticate(token);
        const putting = caches.put(principal, name, overrides);
        const { report, created } = await heldOpen(services, request, putting);
        const status = created ? 201 : 200;
        return cors.allow(request, Response.json(encodeCache(report), { status }));
      },
      { parse: "none" },
    )
    .delete(CACHE, async ({ request, params }) => {
      const name = decodeName("cache name", params.cacheName);
      const principal = await tokens.authenticate(tokenOf(request.headers, queryOf(request.url)));
      await heldOpen(services, request, caches.delete(principal, name));
      return cors.allow(request, new Response(null, { status: 204 }));
    })
    .options(CACHES, ({ request }) => cors.preflight(request))
    .options(USAGE, ({ request }) => cors.preflight(request))
    .options(CACHE, ({ request }) => cors.preflight(request))
    .all(CACHES, ({ request }) =>
      cors.allow(request, wrongMethodResponse(request.method, ["GET", "HEAD"])),
    )
    .all(USAGE, ({ request }) =>
      cors.allow(request, wrongMethodResponse(request.method, ["GET", "HEAD"])),
    )
    .all(CACHE, ({ request }) =>
      cors.allow(request, wrongMethodResponse(request.method, ["GET", "HEAD", "PUT", "DELETE"])),
    );
}

function decodeOverrides({ retention, limits }: CacheRequest): CacheOverrides {
  return {
    retention: named({
      seconds: retention?.seconds,
      bytes: retention?.bytes,
      topicItems: retention?.topic_items,
    }),
    limits: named({
      topics: limits?.topics,
      storedBytes: limits?.stored_bytes,
      publishesPerSecond: limits?.publishes_per_second,
      bytesPerSecond: limits?.bytes_per_second,
      waiters: limits?.waiters,
    }),
  };
}

/** Leaves out what the request did not name, which is not the same as naming it null. */
function named<Names extends string>(figures: Record<Names, number | null | undefined>) {
  const entries = Object.entries(figures).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in Names]?: number | null };
}

function encodeCache({
  name,
  createdAt,
  settings,
  topics,
  bytes,
  waiters,
}: CacheReport): CacheAnswer {
  const { retention, limits } = settings;
  return {
    name,
    created_at: createdAt,
    retention: {
      seconds: retention.seconds,
      bytes: retention.bytes,
      topic_items: retention.topicItems,
    },
    limits: {
      topics: limits.topics,
      stored_bytes: limits.storedBytes,
      publishes_per_second: limits.publishesPerSecond,
      bytes_per_second: limits.bytesPerSecond,
      waiters: limits.waiters,
    },
    topics,
    bytes,
    waiters,
  };
}
