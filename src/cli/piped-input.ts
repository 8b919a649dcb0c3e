// Standard input as bytes, for commands that take a file from another program.

import { UsageError } from "./failures.ts";

export interface ByteSource extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean;
}

/** Throws `UsageError` where standard input is a terminal. */
export async function* readPiped(source: ByteSource): AsyncGenerator<Uint8Array> {
  if (source.isTTY) {
    throw new UsageError("Standard input is a terminal: pipe the file in, as with < FILE.");
  }
  for await (const chunk of source) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}
