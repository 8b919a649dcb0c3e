// The names that a rule is about: text with * for anything and $name for anything up to the next slash.

type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "anything" }
  | { readonly kind: "variable" };

/** A part costs a byte and a step for each character of a name. */
const LENGTH_MAX = 1024;
const WILDCARDS_MAX = 32;

/** Regular expressions use these, and it is not to be guessed whether the author meant one. */
const AMBIGUOUS = /[\\^+?()[\]{}|]/;
const SLASH = 0x2f;
const NO_VALUES: readonly string[] = [];

/** What is wrong with the text; undefined: it is a pattern. */
export function problemOfPattern(text: string): string | undefined {
  if (text === "") return "path can't be empty";
  if (text.startsWith("/")) return "path can't start with /";
  if (text.length > LENGTH_MAX) return `path can't be longer than ${LENGTH_MAX} characters`;
  if (!text.isWellFormed()) return "path can't hold half of a surrogate pair";
  const invalid = /\$(?:[^a-zA-Z0-9]|$)/u.exec(text);
  if (invalid !== null) return `invalid variable name ${invalid[0]}`;
  const ambiguous = AMBIGUOUS.exec(text);
  if (ambiguous !== null) {
    return `path can't contain ${ambiguous[0]}: it is no regular expression, only * and $name mean more than they say`;
  }
  const { parts, variables } = split(text);
  const twice = variables.find((variable, index) => variables.indexOf(variable) !== index);
  if (twice !== undefined) return `path can't contain the variable ${twice} twice`;
  if (parts.filter(({ kind }) => kind !== "text").length > WILDCARDS_MAX) {
    return `path can't contain more than ${WILDCARDS_MAX} of * and $name`;
  }
  return undefined;
}

/** What a pattern may not mean although it looks like it. */
export function warningOfPattern(text: string): string | undefined {
  if (!text.includes(".*")) return undefined;
  return 'path is no regular expression: ".*" is a dot and then anything';
}

export class NamePattern {
  readonly text: string;
  /** In their order, each with its dollar sign. */
  readonly variables: readonly string[];
  /** Whether it says nothing about the name, so that it is also about none in particular. */
  readonly isOfAnything: boolean;
  /** What a name begins and ends with, and the parts between them. */
  readonly #prefix: string;
  readonly #suffix: string;
  readonly #parts: readonly Part[];

  /** Of a text in which nothing is wrong. */
  constructor(text: string) {
    const { parts, variables } = split(text);
    this.text = text;
    this.variables = variables;
    this.isOfAnything = parts.every(({ kind }) => kind === "anything");
    const first = parts[0];
    const last = parts.length > 1 ? parts.at(-1) : undefined;
    this.#prefix = first?.kind === "text" ? first.text : "";
    this.#suffix = last?.kind === "text" ? last.text : "";
    this.#parts = parts.slice(this.#prefix === "" ? 0 : 1, this.#suffix === "" ? undefined : -1);
  }

  /**
   * What the variables stand for in a name that matches, else undefined. Each wildcard takes as much
   * as leaves enough for those after it, the first before the second. Takes steps in proportion to
   * the length of the name.
   */
  match(name: string): readonly string[] | undefined {
    const start = this.#prefix.length;
    const end = name.length - this.#suffix.length;
    if (start > end || !name.startsWith(this.#prefix) || !name.endsWith(this.#suffix)) {
      return undefined;
    }
    const parts = this.#parts;
    if (parts.length === 0) return start === end ? NO_VALUES : undefined;
    return valuesIn(name.slice(start, end), parts);
  }
}

function split(text: string): { parts: readonly Part[]; variables: readonly string[] } {
  const variables: string[] = [];
  const parts = Array.from(text.matchAll(/\*|\$[a-zA-Z0-9]+|[^*$]+/g), ([part]): Part => {
    if (part === "*") return { kind: "anything" };
    if (!part.startsWith("$")) return { kind: "text", text: part };
    variables.push(part);
    return { kind: "variable" };
  });
  return { parts, variables };
}

function valuesIn(name: string, parts: readonly Part[]): readonly string[] | undefined {
  const width = name.length + 1;
  const fits = fitsFrom(parts, name);
  if (fits[0] === 0) return undefined;
  const values: string[] = [];
  let at = 0;
  for (const [index, part] of parts.entries()) {
    if (part.kind === "text") {
      at += part.text.length;
      continue;
    }
    let end = part.kind === "anything" ? name.length : endOfSegment(name, at);
    while (fits[(index + 1) * width + end] === 0) end--;
    if (part.kind === "variable") values.push(name.slice(at, end));
    at = end;
  }
  return values;
}

/** Whether the parts from one on match the name from one character on: a row for each part, and one for none. */
function fitsFrom(parts: readonly Part[], name: string): Uint8Array {
  const width = name.length + 1;
  const fits = new Uint8Array((parts.length + 1) * width);
  fits[fits.length - 1] = 1;
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index] as Part;
    const row = index * width;
    const next = row + width;
    // Whether a wildcard may end further on.
    let isOpen = false;
    for (let at = name.length; at >= 0; at--) {
      if (part.kind === "text") {
        isOpen = name.startsWith(part.text, at) && fits[next + at + part.text.length] === 1;
      } else if (part.kind === "anything") {
        isOpen ||= fits[next + at] === 1;
      } else if (at === name.length || name.charCodeAt(at) === SLASH) {
        isOpen = false;
      } else {
        isOpen ||= fits[next + at + 1] === 1;
      }
      fits[row + at] = isOpen ? 1 : 0;
    }
  }
  return fits;
}

function endOfSegment(name: string, start: number): number {
  const slash = name.indexOf("/", start);
  return slash < 0 ? name.length : slash;
}
