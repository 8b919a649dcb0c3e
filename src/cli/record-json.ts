// A record as JSON: what a running server answers, and what is printed.

import { type Static, Type } from "@sinclair/typebox";

export const RecordJson = Type.Object({
  version: Type.Number(),
  /** Any value. */
  data: Type.Unknown(),
});
export type RecordJson = Static<typeof RecordJson>;
