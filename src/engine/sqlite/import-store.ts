// Imports: handed to the writer thread.

import type { ImportLine, ImportOutcome, ImportStore } from "../../core/imports/import-store.ts";
import type { WriterClient } from "./writer-client.ts";

export class SqliteImportStore implements ImportStore {
  readonly #writer: WriterClient;

  constructor(writer: WriterClient) {
    this.#writer = writer;
  }

  async importLines(id: string, lines: readonly ImportLine[]): Promise<readonly ImportOutcome[]> {
    const { outcomes } = await this.#writer.write({ kind: "import", id, lines });
    return outcomes;
  }

  async endImport(id: string): Promise<void> {
    let isOver = false;
    while (!isOver) {
      const { more } = await this.#writer.write({ kind: "end-import", id });
      isOver = !more;
    }
  }
}
