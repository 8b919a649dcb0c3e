// Paths into a record, as deepstream writes them: `address[2].street`.

import { invalidArgument } from "../errors.ts";
import type { Json } from "../json.ts";

/** A member of an object, or an index of an array. */
export type Path = readonly (string | number)[];

export interface PathLimits {
  /** What the indexes of a path may add up to: one index makes all those before it. */
  readonly arrayIndexMax: number;
  readonly depthMax: number;
}

/** How many members a command may still add to arrays, those that it leaves empty counted. */
export interface ArrayRoom {
  members: number;
}

/** Names that reach what an object inherits. */
const FORBIDDEN: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Parts are separated by dots, and each may be followed by indexes in brackets. Space around parts
 * and empty parts do not count; nothing can be escaped. Throws `invalid_argument`.
 */
export function parsePath(text: string, limits: PathLimits): Path {
  if (!text.isWellFormed()) {
    throw invalidArgument("The path holds half of a surrogate pair, which is no character.");
  }
  const path = text.split(".").flatMap((part) => tokensOf(part.trim(), limits));
  if (path.length === 0) throw invalidArgument("The path names nothing.");
  if (path.length > limits.depthMax) {
    throw invalidArgument(`The path is too deep: at most ${limits.depthMax} steps are allowed.`);
  }
  if (sumOfIndexes(path) > limits.arrayIndexMax) {
    throw invalidArgument(
      `The path has indexes that are too large: all together they may be ${limits.arrayIndexMax}.`,
    );
  }
  return path;
}

/** The text that parses to this path. */
export function renderPath(path: Path): string {
  const text = path.map((token) => (typeof token === "number" ? `[${token}]` : `.${token}`));
  return text.join("").replace(/^\./, "");
}

/**
 * Returns `root` with `value` at the path, changed in place; undefined: what was there is gone. What
 * is missing on the way is made, an array for an index and an object for a name; a scalar on the way
 * is replaced. Throws `invalid_argument` where a name is asked of an array, or arrays would grow
 * beyond `room`.
 */
export function applyPath(
  root: Json,
  path: Path,
  value: Json | undefined,
  room: ArrayRoom = { members: Number.POSITIVE_INFINITY },
): Json {
  let container = root as Container;
  for (const [step, token] of path.entries()) {
    const member = memberOf(container, token);
    const next = path[step + 1];
    if (next === undefined) {
      setMember(container, member, value, room);
      break;
    }
    const found = Object.hasOwn(container, member) ? container[member] : undefined;
    if (typeof found === "object" && found !== null) {
      container = found as Container;
      continue;
    }
    const made: Container = typeof next === "number" ? ([] as unknown as Container) : {};
    setMember(container, member, made, room);
    container = made;
  }
  return root;
}

/** An array is one too: its indexes are its members. */
type Container = Record<string, Json>;

function tokensOf(part: string, { arrayIndexMax }: PathLimits): Path {
  if (part === "") return [];
  const [name = "", ...brackets] = part.split("[");
  if (FORBIDDEN.has(name)) throw invalidArgument(`The path may not name ${name}.`);
  if (name.includes("]")) throw invalidArgument("The path closes a bracket that nothing opens.");
  return [name, ...brackets.map((bracket) => indexOf(bracket, arrayIndexMax))];
}

/** Of what follows an opening bracket up to the next. */
function indexOf(bracket: string, arrayIndexMax: number): number {
  const digits = bracket.endsWith("]") ? bracket.slice(0, -1).trim() : "";
  const index = digits === "" ? Number.NaN : Number(digits);
  if (Number.isInteger(index) && index >= 0 && index <= arrayIndexMax) return index;
  throw invalidArgument(
    `The path has an index that is not valid: allowed are whole numbers from 0 to ${arrayIndexMax}.`,
  );
}

function sumOfIndexes(path: Path): number {
  return path.reduce<number>((sum, token) => sum + (typeof token === "number" ? token : 0), 0);
}

function memberOf(container: Container, token: string | number): string {
  const member = String(token);
  if (!Array.isArray(container) || typeof token === "number") return member;
  if (/^(?:0|[1-9]\d*)$/.test(member) && Number(member) < container.length) return member;
  throw invalidArgument(
    `The path names the member "${member.slice(0, 64).toWellFormed()}" of an array, which has indexes only.`,
  );
}

function setMember(
  container: Container,
  member: string,
  value: Json | undefined,
  room: ArrayRoom,
): void {
  if (value === undefined) {
    delete container[member];
    return;
  }
  if (Array.isArray(container)) {
    takeRoom(room, Number(member) + 1 - container.length);
    // Holes would become null in JSON as well, four times as slowly.
    while (container.length < Number(member)) container.push(null);
  }
  container[member] = value;
}

function takeRoom(room: ArrayRoom, growth: number): void {
  if (growth <= 0) return;
  room.members -= growth;
  if (room.members < 0) throw invalidArgument("The paths make too many members of arrays.");
}
