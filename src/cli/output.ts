// Writes lines to a stream and knows when they have left the process, which its end would lose otherwise.

/** Lines are dropped while a reader that has stopped reading leaves this much lying. */
const WAITING_CHARACTERS_MAX = 16_777_216;

export interface OutputStream {
  write(text: string | Uint8Array, done: (cause?: Error | null) => void): unknown;
  on(event: "error", listener: () => void): unknown;
}

export class Output {
  readonly #stream: OutputStream;
  #waiting = 0;
  #onFlushed: (() => void)[] = [];

  constructor(stream: OutputStream) {
    this.#stream = stream;
    // Whoever read it may have gone, as `head` does; the work goes on.
    stream.on("error", () => {});
  }

  writeLines(text: string): void {
    if (this.#waiting > WAITING_CHARACTERS_MAX) return;
    const lines = `${text}\n`;
    this.#waiting += lines.length;
    this.#stream.write(lines, () => this.#note(lines.length));
  }

  /** Resolves when the stream has taken them. Rejects when nobody is there to read them. */
  writeBytes(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(bytes, (cause) => (cause ? reject(cause) : resolve()));
    });
  }

  /** Resolves when nothing waits, also when nobody is there to read it. */
  async flushed(): Promise<void> {
    if (this.#waiting === 0) return;
    await new Promise<void>((resolve) => this.#onFlushed.push(resolve));
  }

  #note(characters: number): void {
    this.#waiting -= characters;
    if (this.#waiting > 0) return;
    const resolvers = this.#onFlushed;
    this.#onFlushed = [];
    for (const resolve of resolvers) resolve();
  }
}
