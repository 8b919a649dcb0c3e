// The first and the last line of an export, between which are those that both APIs and files have.

import { type Static, Type } from "@sinclair/typebox";
import type { ImportLine } from "../core/imports/import-store.ts";

export const EXPORT_FORMAT = 1;

export type Counts = Record<ImportLine["kind"], number>;

/** Says what the file is; a later format has a greater number. */
export const FirstLine = Type.Object({
  kind: Type.Literal("export"),
  format: Type.Integer(),
});

/** How many lines of each kind there were: a file without it was cut short. */
export const LastLine = Type.Object({
  kind: Type.Literal("end"),
  cache: Type.Integer(),
  item: Type.Integer(),
  topic: Type.Integer(),
  record: Type.Integer(),
});
export type LastLine = Static<typeof LastLine>;

export function noCounts(): Counts {
  return { cache: 0, item: 0, topic: 0, record: 0 };
}
