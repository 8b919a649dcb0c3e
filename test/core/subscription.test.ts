// Where a subscriber stands and what it gets: the Subscribe section of the API, row by row.

import { describe, expect, test } from "bun:test";
import {
  advance,
  type Delivery,
  type Position,
  readFrom,
} from "../../src/core/topics/subscription.ts";
import type { Item, ReadFrom, TopicRead } from "../../src/core/topics/topic-log.ts";

// A row reads: rule | what is asked | the topic at each look, one more after every wake | what is got.
//
//   latest, retained, after 3   with P or Q behind it: and that page
//   1-5                         a topic of page P that retains these; 1-5 Q: one of page Q, recreated
//   empty 5                     a topic of page P that is trimmed empty after number 5
//   none                        no topic
//   2>5 5-7                     a discontinuity, then items; waits: nothing yet

describe("no sequence_number (seed), or 0 with page 0: the latest", () => {
  table(`
    the newest retained item at once                   | latest | 1-5                  | 5
    the newest retained item of a trimmed topic        | latest | 4-5                  | 5
    no topic                                           | latest | none                 | waits
    no topic: its first item                           | latest | none, 1-1            | 1
    no topic: all of the first items that came at once | latest | none, 1-3            | 1-3
    nothing retained                                   | latest | empty 5              | waits
    nothing retained: the next item                    | latest | empty 5, 6-6         | 6
    nothing retained: all that came since              | latest | empty 5, 6-65        | 6-65
    woken for nothing: waits on                        | latest | empty 5, empty 5     | waits
    woken for nothing: then the next item              | latest | empty 5, empty 5, 6-6 | 6
    what came and went while it waited is told of      | latest | empty 5, 13-15       | 5>13 13-15
    first items that went before they were read        | latest | none, 51-60          | 0>51 51-60
    all that came went while it waited                 | latest | empty 5, empty 9     | waits
    all that came went: told with the next item        | latest | empty 5, empty 9, 10-10 | 5>10 10
    recreated while it waited                          | latest | empty 5, 1-2 Q       | 5>1 1-2
    recreated up to the same number                    | latest | empty 5, 1-5 Q       | 5>1 1-5
    recreated beyond the number                        | latest | empty 5, 1-7 Q       | 5>1 1-7
    deleted while it waited                            | latest | empty 5, none        | waits
    deleted: told with the next incarnation            | latest | empty 5, none, 1-1 Q | 5>1 1
  `);
});

describe("sequence_number=0 (seed): everything retained, and never a discontinuity", () => {
  table(`
    everything                                     | retained | 1-5            | 1-5
    everything that is left                        | retained | 4-5            | 4-5
    no topic                                       | retained | none           | waits
    no topic: its first items                      | retained | none, 1-3      | 1-3
    nothing retained                               | retained | empty 5        | waits
    nothing retained: the next item                | retained | empty 5, 6-6   | 6
    recreated while it waited                      | retained | empty 5, 1-2 Q | 1-2
    first items that went before they were read    | retained | none, 51-52    | 51-52
  `);
});

describe("sequence_number=n (seed), or n+1 with page 0: everything after n", () => {
  table(`
    items after n, oldest first                         | after 3  | 1-5              | 4-5
    nothing received: everything                        | after 0  | 1-3              | 1-3
    n is the newest                                     | after 5  | 1-5              | waits
    n is the newest: the next items                     | after 5  | 1-5, 1-7         | 6-7
    n is the newest and trimmed: nothing is lost        | after 5  | empty 5, 6-6     | 6
    n is just before the oldest: nothing is lost        | after 4  | 5-7              | 5-7
    no topic and nothing received: nothing is lost      | after 0  | none, 1-1        | 1
    a gap by retention                                  | after 2  | 5-7              | 2>5 5-7
    a gap from the beginning                            | after 0  | 4-5              | 0>4 4-5
    a gap up to the newest                              | after 3  | empty 5          | waits
    a gap up to the newest: told with the next item     | after 3  | empty 5, 6-6     | 3>6 6
    a gap that opened while it waited                   | after 5  | 1-5, 13-14       | 5>13 13-14
    a gap that opened while it waited, up to the newest | after 5  | 1-5, empty 9     | waits
    and is told with the next item                      | after 5  | 1-5, empty 9, 10-10 | 5>10 10
    beyond the newest: goes on with the oldest          | after 9  | 1-3              | 9>1 1-3
    beyond the newest of a trimmed topic                | after 9  | 4-5              | 9>4 4-5
    one beyond the newest                               | after 6  | 1-5              | 6>1 1-5
    beyond the newest, nothing retained                 | after 9  | empty 5          | waits
    beyond the newest: told with the next item          | after 9  | empty 5, 6-6     | 9>6 6
    beyond the newest, then 60 items, up to it and over | after 30 | empty 5, 6-65    | 30>6 6-65
    beyond the newest, then items exactly up to it      | after 30 | empty 5, 6-30    | 30>6 6-30
    no topic                                            | after 9  | none             | waits
    no topic: told with its first item                  | after 9  | none, 1-1        | 9>1 1
    no topic, then 60 items: from the first             | after 9  | none, 1-60       | 9>1 1-60
    recreated while it waited                           | after 5  | 1-5, 1-2 Q       | 5>1 1-2
    recreated up to the same number                     | after 5  | 1-5, 1-5 Q       | 5>1 1-5
    recreated beyond the number                         | after 5  | 1-5, 1-8 Q       | 5>1 1-8
    recreated and trimmed up to the number              | after 5  | 1-5, 6-8 Q       | 5>6 6-8
    deleted while it waited                             | after 5  | 1-5, none, 1-1 Q | 5>1 1
    the largest number there is                         | after 9007199254740991 | 1-1 | 9007199254740991>1 1
  `);
});

describe("with a page", () => {
  table(`
    its own: items after n                       | after 3 P | 1-5            | 4-5
    its own, n is the newest                     | after 5 P | 1-5            | waits
    its own, n is the newest: the next item      | after 5 P | 1-5, 1-6       | 6
    its own: a gap by retention                  | after 2 P | 5-7            | 2>5 5-7
    its own: beyond the newest                   | after 9 P | 1-3            | 9>1 1-3
    another: everything retained                 | after 3 P | 1-5 Q          | 3>1 1-5
    another, n is the newest                     | after 5 P | 1-5 Q          | 5>1 1-5
    another, beyond the newest                   | after 9 P | 4-5 Q          | 9>4 4-5
    another, nothing retained                    | after 3 Q | empty 5        | waits
    another, nothing retained: told with the next | after 3 Q | empty 5, 6-6  | 3>6 6
    no topic any more                            | after 3 P | none           | waits
    no topic any more: told with the next        | after 3 P | none, 1-2 Q    | 3>1 1-2
    no topic any more, nothing received          | after 0 P | none, 1-2 Q    | 0>1 1-2
    recreated while it waited                    | after 5 P | 1-5, 1-5 Q     | 5>1 1-5
    the latest of its own                        | latest P  | 1-5            | 5
    the latest of its own, nothing retained      | latest P  | empty 5, 6-7   | 6-7
    the latest of another: everything retained   | latest P  | 1-3 Q          | 0>1 1-3
    the latest of another, nothing retained      | latest Q  | empty 5        | waits
    and is told with the next item               | latest Q  | empty 5, 6-6   | 0>6 6
    the latest, no topic any more                | latest P  | none, 1-2 Q    | 0>1 1-2
  `);
});

describe("a delivery", () => {
  test("carries the page of its items, also after a discontinuity", () => {
    const step = advance({ kind: "lost", sequenceNumber: 9 }, look("1-2 Q", "oldest"));
    expect(step).toMatchObject({ kind: "deliver", delivery: { sequencePage: PAGES.Q } });
  });

  test("hands the items of the read on as they are", () => {
    const read = look("1-3", 2);
    const step = advance({ kind: "after", sequenceNumber: 1, sequencePage: 0 }, read);
    expect(step).toEqual({
      kind: "deliver",
      delivery: { discontinuity: undefined, items: read.items, sequencePage: PAGES.P },
    });
  });
});

const PAGES = { P: 1000, Q: 2000 } as const;

function table(text: string): void {
  const lines = text.trim().split("\n");
  const rows = lines.map((line) => line.split("|").map((cell) => cell.trim()));
  test.each(rows)("%s: %s of %s gets %s", (_rule, asked = "", looks = "", got = "") => {
    expect(follow(positionOf(asked), looks.split(", "))).toBe(
      got.replace(/(\d+)-(\d+)/g, (_, first, last) => span(Number(first), Number(last))),
    );
  });
}

/** Polls as the service does: it looks again after every wake. */
function follow(start: Position, looks: readonly string[]): string {
  let position = start;
  let index = 0;
  for (;;) {
    const topic = looks[index];
    if (topic === undefined) return "waits";
    const step = advance(position, look(topic, readFrom(position)));
    if (step.kind === "deliver") return render(step.delivery);
    if (step.kind === "wait") index += 1;
    position = step.position;
  }
}

function positionOf(asked: string): Position {
  const [, kind, number, page] = /^(\w+)(?: (\d+))?(?: ([PQ]))?$/.exec(asked) ?? [];
  const sequencePage = page === "P" || page === "Q" ? PAGES[page] : 0;
  if (kind === "retained") return { kind };
  if (kind === "latest") return { kind, sequencePage };
  if (kind === "after") return { kind, sequenceNumber: Number(number), sequencePage };
  throw new Error(`nobody asks for ${asked}`);
}

function look(topic: string, from: ReadFrom): TopicRead {
  if (topic === "none") return { sequencePage: 0, newest: 0, items: [] };
  const empty = /^empty (\d+)$/.exec(topic);
  if (empty !== null) return { sequencePage: PAGES.P, newest: Number(empty[1]), items: [] };
  const [, first, last, page] = /^(\d+)-(\d+)( Q)?$/.exec(topic) ?? [];
  const [oldest, newest] = [Number(first), Number(last)];
  const start = from === "oldest" ? oldest : from === "newest" ? newest : Math.max(from, oldest);
  return {
    sequencePage: page === undefined ? PAGES.P : PAGES.Q,
    newest,
    items: items(start, newest),
  };
}

function render({ discontinuity, items }: Delivery): string {
  const lost = discontinuity && [
    `${discontinuity.lastSequenceNumber}>${discontinuity.newSequenceNumber}`,
  ];
  return [...(lost ?? []), ...items.map(({ sequenceNumber }) => sequenceNumber)].join(" ");
}

function items(first: number, last: number): Item[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({
    sequenceNumber: first + index,
    value: `m${first + index}`,
    publishedAt: 0,
    publisherId: undefined,
  }));
}

function span(first: number, last: number): string {
  return items(first, last)
    .map(({ sequenceNumber }) => sequenceNumber)
    .join(" ");
}
