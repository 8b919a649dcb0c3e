// Caches as JSON: what a running server answers and is sent, and what --json prints.

import { type Static, Type } from "@sinclair/typebox";
import type { CacheOverrides } from "../core/caches/cache.ts";
import type { CacheReport } from "../core/caches/caches.ts";

const Figures = Type.Record(Type.String(), Type.Number());

export const CacheJson = Type.Object({
  name: Type.String(),
  created_at: Type.Number({ description: "Milliseconds since the Unix epoch." }),
  retention: Figures,
  limits: Figures,
  topics: Type.Number(),
  bytes: Type.Number(),
  waiters: Type.Number(),
});
export type CacheJson = Static<typeof CacheJson>;

export function encodeReport(report: CacheReport): CacheJson {
  const { name, createdAt, settings, topics, bytes, waiters } = report;
  return {
    name,
    created_at: createdAt,
    retention: underscored({ ...settings.retention }),
    limits: underscored({ ...settings.limits }),
    topics,
    bytes,
    waiters,
  };
}

export function encodeOverrides({ retention, limits }: CacheOverrides): object {
  return { retention: underscored({ ...retention }), limits: underscored({ ...limits }) };
}

/** `topicItems` as `topic_items`. */
function underscored<Value>(figures: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}
