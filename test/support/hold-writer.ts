// A store whose writes hang, because another process is in the middle of one.

import { Database } from "bun:sqlite";
import { join } from "node:path";

/** Keeps the server from writing until disposed. */
export function holdWriter(data: string): Disposable {
  const database = new Database(join(data, "millrace.db"));
  database.run("BEGIN IMMEDIATE");
  return {
    [Symbol.dispose]() {
      database.run("ROLLBACK");
      database.close();
    },
  };
}
