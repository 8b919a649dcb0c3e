// Reads a password: one line of what is piped in, or typed twice on a terminal that does not show it.

import { isPassword, PASSWORD_RULE } from "../core/access/password-hasher.ts";
import { CommandError, UsageError } from "./failures.ts";

/** Standard input, or what stands for it. */
export interface PasswordSource extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

/** A password and what else one line may bring, such as a byte order mark. */
const BYTES_MAX = 4096;

/** `show` prints on the terminal, where there is one. Throws `UsageError` or `CommandError`. */
export async function readPassword(
  source: PasswordSource,
  show: (text: string) => void,
): Promise<string> {
  const password = source.isTTY ? await readTwice(source, show) : await readPiped(source);
  if (password === "") {
    throw new UsageError(
      "A password is needed: typed on a terminal, or as one line of standard input.",
    );
  }
  if (isPassword(password)) return password;
  throw new UsageError(`The password is not valid (allowed: ${PASSWORD_RULE}).`);
}

async function readPiped(source: PasswordSource): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.byteLength;
    if (size > BYTES_MAX) throw new UsageError("Standard input holds more than a password.");
  }
  const [line = "", ...more] = decode(Buffer.concat(chunks)).split(/\r?\n/);
  if (more.every((other) => other === "")) return line;
  throw new UsageError("Standard input holds more than one line; the password is one.");
}

async function readTwice(source: PasswordSource, show: (text: string) => void): Promise<string> {
  const typed = new TypedLines(source);
  source.setRawMode?.(true);
  try {
    show("Password: ");
    const password = await typed.next();
    show("\nAgain: ");
    const again = await typed.next();
    show("\n");
    if (password === again) return password;
    throw new CommandError("The two passwords differ; nothing was done.");
  } finally {
    source.setRawMode?.(false);
  }
}

const INTERRUPT = "\u0003";
const END = "\u0004";
const ERASE_LINE = "\u0015";
const ERASE: ReadonlySet<string> = new Set(["\u007f", "\b"]);

/** The lines of a terminal that leaves editing to us. */
class TypedLines {
  readonly #chunks: AsyncIterator<Uint8Array | string>;
  readonly #decoder = new TextDecoder();
  #ahead: string[] = [];

  constructor(source: PasswordSource) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  async next(): Promise<string> {
    let line: string[] = [];
    for (;;) {
      const key = await this.#key();
      if (key === "\r" || key === "\n") return line.join("");
      if (key === undefined || key === INTERRUPT || key === END) {
        throw new CommandError("No password was typed; nothing was done.");
      }
      if (ERASE.has(key)) line = line.slice(0, -1);
      else if (key === ERASE_LINE) line = [];
      else if (!/\p{Cc}/u.test(key) && line.length <= BYTES_MAX) line.push(key);
    }
  }

  /** Undefined: the terminal is gone. */
  async #key(): Promise<string | undefined> {
    while (this.#ahead.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done) return undefined;
      this.#ahead = [...this.#decoder.decode(Buffer.from(value), { stream: true })];
    }
    return this.#ahead.shift();
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError("The password on standard input is not UTF-8.");
  }
}
