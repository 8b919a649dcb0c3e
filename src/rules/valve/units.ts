// Text for a matcher of whole characters, made so that it sees the halves of surrogate pairs one by one.

import type { CharacterSet, Range } from "./character-set.ts";

const FIRST_HALF = 0xd800;
const LAST_HALF = 0xdfff;
/** Nothing else is up there in a text of which every half was moved. */
const OFFSET = 0x100000;

/** Each half of a pair becomes one character beyond all others. */
export function separateHalves(text: string): string {
  return text.replace(/[\ud800-\udfff]/g, (half) =>
    String.fromCodePoint(half.charCodeAt(0) + OFFSET),
  );
}

export function joinHalves(text: string): string {
  return text.replace(/[\u{10d800}-\u{10dfff}]/gu, (moved) =>
    String.fromCharCode((moved.codePointAt(0) as number) - OFFSET),
  );
}

/** The set of what the halves in it became. */
export function separateHalvesOf(set: CharacterSet): CharacterSet {
  return [...set.flatMap(below), ...set.flatMap(moved)];
}

function below([from, to]: Range): Range[] {
  const parts: Range[] = [
    [from, Math.min(to, FIRST_HALF - 1)],
    [Math.max(from, LAST_HALF + 1), to],
  ];
  return parts.filter(([start, end]) => start <= end);
}

function moved([from, to]: Range): Range[] {
  const start = Math.max(from, FIRST_HALF);
  const end = Math.min(to, LAST_HALF);
  return start <= end ? [[start + OFFSET, end + OFFSET]] : [];
}
