// Where a subscriber stands in a topic, and what one look at the topic means for it. Pure.

import type { Item, ReadFrom, TopicRead } from "./topic-log.ts";

/** For every page, 0 means: the subscriber does not know it, any incarnation will do. */
export type Position =
  /** The newest retained item, or else the next. */
  | { readonly kind: "latest"; readonly sequencePage: number }
  /** Everything retained, and no word about what is not. */
  | { readonly kind: "retained" }
  /** Everything after `sequenceNumber`. */
  | { readonly kind: "after"; readonly sequenceNumber: number; readonly sequencePage: number }
  /** The subscriber's place is gone: it is told so and goes on with the oldest retained item. */
  | { readonly kind: "lost"; readonly sequenceNumber: number };

/** Items between the two numbers are lost to this subscriber, or the numbering began anew. */
export interface Discontinuity {
  /** The last number that the subscriber has. */
  readonly lastSequenceNumber: number;
  /** The number of the item that follows. */
  readonly newSequenceNumber: number;
}

export interface Delivery {
  readonly discontinuity: Discontinuity | undefined;
  readonly items: readonly Item[];
  readonly sequencePage: number;
}

export type Step =
  | { readonly kind: "deliver"; readonly delivery: Delivery }
  | { readonly kind: "reread" | "wait"; readonly position: Position };

export function readFrom(position: Position): ReadFrom {
  switch (position.kind) {
    case "latest":
      return "newest";
    case "after":
      return position.sequenceNumber + 1;
    default:
      return "oldest";
  }
}

/** What to do after reading from `readFrom(position)`. A position that waits is pinned to what was seen. */
export function advance(position: Position, read: TopicRead): Step {
  switch (position.kind) {
    case "retained":
      return read.items.length > 0 ? deliver(read) : { kind: "wait", position };
    case "lost":
      return read.items.length > 0
        ? deliver(read, position.sequenceNumber)
        : { kind: "wait", position };
    case "latest":
      return advanceLatest(position.sequencePage, read);
    case "after":
      return advanceAfter(position.sequenceNumber, position.sequencePage, read);
  }
}

function advanceLatest(sequencePage: number, read: TopicRead): Step {
  if (isOtherPage(sequencePage, read)) return reread(0);
  if (read.items.length > 0) return deliver(read);
  return { kind: "wait", position: after(read.newest, read.sequencePage) };
}

function advanceAfter(sequenceNumber: number, sequencePage: number, read: TopicRead): Step {
  if (isOtherPage(sequencePage, read) || sequenceNumber > read.newest) {
    return reread(sequenceNumber);
  }
  const first = read.items[0];
  if (first === undefined) {
    return sequenceNumber < read.newest
      ? { kind: "wait", position: { kind: "lost", sequenceNumber } }
      : { kind: "wait", position: after(sequenceNumber, read.sequencePage) };
  }
  return first.sequenceNumber > sequenceNumber + 1 ? deliver(read, sequenceNumber) : deliver(read);
}

function isOtherPage(sequencePage: number, read: TopicRead): boolean {
  return sequencePage !== 0 && sequencePage !== read.sequencePage;
}

function after(sequenceNumber: number, sequencePage: number): Position {
  return { kind: "after", sequenceNumber, sequencePage };
}

function reread(sequenceNumber: number): Step {
  return { kind: "reread", position: { kind: "lost", sequenceNumber } };
}

function deliver(read: TopicRead, lastSequenceNumber?: number): Step {
  const first = read.items[0];
  const discontinuity =
    lastSequenceNumber === undefined || first === undefined
      ? undefined
      : { lastSequenceNumber, newSequenceNumber: first.sequenceNumber };
  return {
    kind: "deliver",
    delivery: { discontinuity, items: read.items, sequencePage: read.sequencePage },
  };
}
