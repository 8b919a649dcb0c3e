// The port to where what another store has exported is taken in, with its numbers, pages and versions.

import type { CacheOverrides } from "../caches/cache.ts";
import type { Item, TopicName } from "../topics/topic-log.ts";

/** One thing of an export. */
export type ImportLine =
  | {
      readonly kind: "cache";
      readonly name: string;
      /** Milliseconds since the Unix epoch. */
      readonly createdAt: number;
      readonly overrides: CacheOverrides;
    }
  /** Those of one topic come in the order of their numbers, and before the topic itself. */
  | ({ readonly kind: "item" } & TopicName & Item)
  /** All items of the topic have come. */
  | ({
      readonly kind: "topic";
      readonly sequencePage: number;
      readonly oldest: number;
      /** Below `oldest` when every item had been trimmed. */
      readonly newest: number;
    } & TopicName)
  | {
      readonly kind: "record";
      readonly name: string;
      readonly version: number;
      /** JSON text. */
      readonly data: string;
    };

export type ImportOutcome =
  | { readonly kind: "done" }
  /** There is one of that name already, which was left as it is. */
  | { readonly kind: "exists" }
  | { readonly kind: "refused"; readonly message: string };

export interface ImportStore {
  /**
   * Takes lines of the import `id` in, in their order, and resolves with an outcome for each when all
   * are durable. A topic is there for others when its own line has come, with all of its items, or
   * never. Rejects with `storage_full` with nothing changed, or `outcome_unknown`.
   */
  importLines(id: string, lines: readonly ImportLine[]): Promise<readonly ImportOutcome[]>;

  /**
   * Forgets the items that the import has brought for topics that have not come. Those of an import
   * that is never ended are forgotten when the store is opened the next time.
   */
  endImport(id: string): Promise<void>;
}
