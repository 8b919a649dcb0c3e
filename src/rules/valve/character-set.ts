// Sets of characters, as JavaScript's regular expressions mean them and as text for the linear matcher.

/** Ascending, apart from each other; the ends belong to a range. */
export type CharacterSet = readonly Range[];

export type Range = readonly [from: number, to: number];

/** Without the flag u a character is half of a surrogate pair as well. */
export const UNIT_MAX = 0xffff;
export const CODE_POINT_MAX = 0x10ffff;

export const DIGITS: CharacterSet = [[0x30, 0x39]];
export const WORD_CHARACTERS: CharacterSet = [...DIGITS, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
export const SPACES: CharacterSet = [
  [0x9, 0xd],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
export const LINE_ENDS: CharacterSet = [
  [0xa, 0xa],
  [0xd, 0xd],
  [0x2028, 0x2029],
];

export function union(ranges: readonly Range[]): CharacterSet {
  const set: [number, number][] = [];
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = set.at(-1);
    if (last === undefined || from > last[1] + 1) set.push([from, to]);
    else last[1] = Math.max(last[1], to);
  }
  return set;
}

export function complement(set: CharacterSet, max: number): CharacterSet {
  const gaps: Range[] = [];
  let from = 0;
  for (const range of set) {
    if (range[0] > from) gaps.push([from, range[0] - 1]);
    from = range[1] + 1;
  }
  if (from <= max) gaps.push([from, max]);
  return gaps;
}

/** With every unit that differs from one of the set in its case alone, as the flag i without u has it. */
export function inAnyCase(set: CharacterSet): CharacterSet {
  const others = sameButForCase().filter((units) => units.some((unit) => holds(set, unit)));
  return union([...set, ...others.flat().map((unit): Range => [unit, unit])]);
}

function holds(set: CharacterSet, unit: number): boolean {
  return set.some(([from, to]) => from <= unit && unit <= to);
}

let groups: readonly (readonly number[])[] | undefined;

/** Made when first needed: few rules need it. */
function sameButForCase(): readonly (readonly number[])[] {
  if (groups !== undefined) return groups;
  const byCapital = new Map<number, number[]>();
  const units = Array.from({ length: UNIT_MAX + 1 }, (_, unit) => String.fromCharCode(unit));
  // One search finds those that have a capital in a quarter of the time that asking each takes.
  for (const [letter] of units.join("").matchAll(/\p{Changes_When_Uppercased}/gu)) {
    const unit = letter.charCodeAt(0);
    const capital = capitalOf(unit);
    if (capital === unit) continue;
    const group = byCapital.get(capital) ?? [capital];
    byCapital.set(capital, group);
    group.push(unit);
  }
  groups = [...byCapital.values()];
  return groups;
}

/** What the language compares in place of a unit; nothing beyond ASCII counts as a letter of ASCII. */
function capitalOf(unit: number): number {
  const capital = String.fromCharCode(unit).toUpperCase();
  if (capital.length !== 1) return unit;
  const code = capital.charCodeAt(0);
  return unit >= 0x80 && code < 0x80 ? unit : code;
}

export function renderSet(set: CharacterSet): string {
  if (set.length === 0) return `[^\\x{0}-\\x{${CODE_POINT_MAX.toString(16)}}]`;
  const hex = (code: number) => `\\x{${code.toString(16)}}`;
  return `[${set.map(([from, to]) => `${hex(from)}-${hex(to)}`).join("")}]`;
}
