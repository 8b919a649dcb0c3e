// Importing what another store has exported: for administrators, and nothing that is there is touched.

import { type Principal, requireAdmin } from "../access/principal.ts";
import { invalidArgument, limitExceeded, ServiceError } from "../errors.ts";
import { requireName, requirePlainName, requireTokenId } from "../names.ts";
import type { RecordsLimits } from "../records/records-limits.ts";
import { isLongerThan } from "../utf8.ts";
import type { WriteDeadline } from "../write-deadline.ts";
import type { ImportLine, ImportOutcome, ImportStore } from "./import-store.ts";

/** Of one call. */
export const IMPORT_LINES_MAX = 1000;
const ID = /^[\w-]{1,64}$/;
const REPEAT_HINT = "What was imported is there; importing it again leaves it as it is.";

export class Imports {
  readonly #store: ImportStore;
  readonly #writes: WriteDeadline;
  readonly #limits: Pick<RecordsLimits, "recordBytesMax" | "nameBytesMax">;

  constructor(
    store: ImportStore,
    writes: WriteDeadline,
    limits: Pick<RecordsLimits, "recordBytesMax" | "nameBytesMax">,
  ) {
    this.#store = store;
    this.#writes = writes;
    this.#limits = limits;
  }

  /**
   * Takes lines of one import in, whose `id` the caller has made up; resolves with an outcome for each
   * when all are durable. Throws `invalid_argument` of the call as a whole, `storage_full` with nothing
   * changed, or `outcome_unknown`.
   */
  async take(
    principal: Principal,
    id: string,
    lines: readonly ImportLine[],
  ): Promise<readonly ImportOutcome[]> {
    requireAdmin(principal);
    requireId(id);
    if (lines.length > IMPORT_LINES_MAX) {
      throw invalidArgument(`There are too many lines: at most ${IMPORT_LINES_MAX} are allowed.`);
    }
    const refusals = lines.map((line) => this.#refusalOf(line));
    const good = lines.filter((_, index) => refusals[index] === undefined);
    const taken = [...(await this.#writes.bound(this.#store.importLines(id, good), REPEAT_HINT))];
    return refusals.map((refusal) => refusal ?? (taken.shift() as ImportOutcome));
  }

  /** After the last line, and after a failure: forgets the items of topics that were not completed. */
  async end(principal: Principal, id: string): Promise<void> {
    requireAdmin(principal);
    requireId(id);
    await this.#writes.bound(this.#store.endImport(id), REPEAT_HINT);
  }

  #refusalOf(line: ImportLine): ImportOutcome | undefined {
    try {
      this.#require(line);
      return undefined;
    } catch (cause) {
      if (cause instanceof ServiceError) return { kind: "refused", message: cause.message };
      throw cause;
    }
  }

  #require(line: ImportLine): void {
    switch (line.kind) {
      case "cache":
        requireName("cache name", line.name);
        return;
      case "item":
      case "topic":
        requireName("cache name", line.cache);
        requireName("topic name", line.topic);
        if (line.kind === "item" && line.publisherId !== undefined) {
          requireTokenId(line.publisherId);
        }
        return;
      case "record":
        requirePlainName("record name", line.name, this.#limits.nameBytesMax);
        if (!isLongerThan(line.data, this.#limits.recordBytesMax)) return;
        throw limitExceeded(
          "record_size_limit_exceeded",
          `Its data is too large: at most ${this.#limits.recordBytesMax} bytes of JSON are allowed.`,
        );
    }
  }
}

function requireId(id: string): void {
  if (ID.test(id)) return;
  throw invalidArgument(
    "The id of the import is not valid. Allowed are 1 to 64 letters, digits, - and _.",
  );
}
