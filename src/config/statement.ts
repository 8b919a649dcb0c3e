// What a source of settings says: the value of a setting, or something that is wrong.

import type { TSchema } from "@sinclair/typebox";
import { faults } from "./value.ts";

export type Statement =
  | { readonly kind: "value"; readonly key: string; readonly value: unknown }
  /** `keys` are the settings whose value is not known because of it. */
  | { readonly kind: "problem"; readonly keys: readonly string[]; readonly problem: string };

export function stateValue(
  key: string,
  place: string,
  schema: TSchema,
  value: unknown,
): Statement[] {
  const wrong = faults(schema, value);
  if (wrong.length === 0) return [{ kind: "value", key, value }];
  return wrong.map((fault) => stateProblem(`${place} ${fault}.`, [key]));
}

export function stateProblem(problem: string, keys: readonly string[] = []): Statement {
  return { kind: "problem", keys, problem };
}
