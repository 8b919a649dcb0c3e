// A file of rules as YAML has it, and so JSON, with the place of everything in it.

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
} from "yaml";

/** Both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface PlacedProblem extends Place {
  readonly message: string;
}

export interface Member extends Place {
  /** undefined: it is no text. */
  readonly key: string | undefined;
  readonly value: unknown;
}

/** Parsing takes microseconds a byte, and the server does nothing else meanwhile. */
const BYTES_MAX = 524_288;
/** The first mistake is the cause of most that follow. */
const PROBLEMS_MAX = 10;

/** Of what is missing. */
export const START: Place = { line: 1, column: 1 };

export class RulesDocument {
  /** Why it cannot be read; nothing else is to be asked of it then. */
  readonly problems: readonly PlacedProblem[];
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed | undefined;

  constructor(file: Uint8Array) {
    const text = decode(file);
    if (typeof text !== "string") {
      this.problems = [text];
      return;
    }
    const document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      // It compares each with each; who reads them looks for those that are there twice.
      uniqueKeys: false,
    });
    this.problems = [...document.errors, ...document.warnings]
      .slice(0, PROBLEMS_MAX)
      .map(({ message, pos }) => ({ ...this.#placeOf(pos[0]), message }));
    this.#document = document;
  }

  get root(): unknown {
    return this.#document?.contents;
  }

  /** In their order, also those whose key is there twice; undefined: it is something else. */
  members(node: unknown): readonly Member[] | undefined {
    const map = this.#resolve(node);
    if (!isMap(map)) return undefined;
    return map.items.map(({ key, value }) => {
      const place = this.#placeOf((key as Node | null)?.range?.[0] ?? 0);
      return { ...place, key: keyOf(this.#resolve(key)), value };
    });
  }

  /** A text, a number, true, false or null; undefined: it is something else. */
  scalar(node: unknown): unknown {
    const scalar = this.#resolve(node);
    return isScalar(scalar) ? scalar.value : undefined;
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) && this.#document ? node.resolve(this.#document) : node;
  }

  #placeOf(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }
}

function decode(file: Uint8Array): string | PlacedProblem {
  if (file.byteLength > BYTES_MAX) {
    return { ...START, message: `the file is larger than ${BYTES_MAX} bytes` };
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(file);
  } catch {
    return { ...START, message: "the file is not UTF-8" };
  }
}

/** A number is what it was written as. */
function keyOf(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  if (typeof key.value === "number") return key.source;
  return typeof key.value === "string" ? key.value : undefined;
}
