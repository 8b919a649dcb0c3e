// Splits what is piped in into lines.

import { CommandError } from "./failures.ts";

export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** The longest message or record there can be, written so that it takes several times as much. */
const LINE_BYTES_MAX = 402_653_184;
const LINE_END = 10;

/** Empty lines are left out, and a line end after the last is not needed. Throws `CommandError`. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line, void> {
  let number = 0;
  let parts: Uint8Array[] = [];
  let bytes = 0;
  const take = (): Line[] => {
    number += 1;
    const text = decode(number, Buffer.concat(parts));
    parts = [];
    bytes = 0;
    return text.trim() === "" ? [] : [{ number, text }];
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_END, start);
      const part = chunk.subarray(start, end < 0 ? undefined : end);
      parts.push(part);
      bytes += part.byteLength;
      if (bytes > LINE_BYTES_MAX) {
        throw new CommandError(`Line ${number + 1} is longer than ${LINE_BYTES_MAX} bytes.`);
      }
      if (end < 0) break;
      yield* take();
      start = end + 1;
    }
  }
  yield* take();
}

function decode(number: number, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CommandError(`Line ${number} is not UTF-8.`);
  }
}
