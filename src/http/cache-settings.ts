// The settings that a cache has of its own, as JSON.

import { type TSchema, Type } from "@sinclair/typebox";

const STRICT = { additionalProperties: false };

/** `figure` makes the schema of one of them from what it says. */
export function cacheSettings<Figure extends TSchema>(figure: (description: string) => Figure) {
  return {
    retention: Type.Object(
      {
        seconds: figure("Items older than this many seconds go."),
        bytes: figure("The oldest items go while the cache holds more stored bytes."),
        topic_items: figure("The oldest items of a topic go while it holds more."),
      },
      STRICT,
    ),
    limits: Type.Object(
      {
        topics: figure("How many topics there may be."),
        stored_bytes: figure("How many bytes may be stored; more are refused."),
        publishes_per_second: figure("Messages published in a second."),
        bytes_per_second: figure("Bytes published in a second."),
        waiters: figure("Requests that wait at the same time."),
      },
      STRICT,
    ),
  };
}
