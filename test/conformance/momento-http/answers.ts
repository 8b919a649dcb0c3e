// What is in the answers of the topics API.

import { expect } from "bun:test";

export type Answer = { readonly status: number; readonly headers: Headers; readonly body: string };

export type Entry = {
  readonly item?: {
    readonly topic_sequence_number: number;
    readonly value: { readonly text?: string; readonly binary?: string };
    readonly sequence_page?: number;
    readonly published_at?: number;
    readonly publisher_id?: string;
  };
  readonly discontinuity?: {
    readonly last_topic_sequence: number;
    readonly new_topic_sequence: number;
    readonly new_sequence_page?: number;
  };
};

export function entries(answer: Answer): Entry[] {
  expect(answer.status).toBe(200);
  return JSON.parse(answer.body).items;
}

/** The numbers of the items; a discontinuity shows as the text "last → new". */
export function outline(list: readonly Entry[]): (number | string)[] {
  return list.map((entry) => {
    const { item, discontinuity: gap } = entry;
    return item
      ? item.topic_sequence_number
      : `${gap?.last_topic_sequence} → ${gap?.new_topic_sequence}`;
  });
}

export function texts(list: readonly Entry[]): (string | undefined)[] {
  return list.map((entry) => entry.item?.value.text);
}

export function sequenceNumber(answer: Answer): number {
  return decimal(answer.headers.get("Topic-Sequence-Number"));
}

export function sequencePage(answer: Answer): number {
  return decimal(answer.headers.get("Topic-Sequence-Page"));
}

/** 1 … count. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function decimal(text: string | null): number {
  expect(text).toMatch(/^[1-9][0-9]*$/);
  return Number(text);
}
