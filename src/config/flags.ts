// The settings as flags of the command line.

import { KindGuard, type TObject } from "@sinclair/typebox";
import { Settings } from "./schema.ts";
import { listSettings, type Setting } from "./setting.ts";
import { type Statement, stateProblem, stateValue } from "./statement.ts";
import { parseText } from "./value.ts";

/** By name without dashes, as `parseArgs` of node:util answers; names that are no setting's are left to others. */
export type FlagValues = Readonly<
  Record<string, string | boolean | readonly (string | boolean)[] | undefined>
>;

export type FlagOptions = Record<
  string,
  { readonly type: "string" | "boolean"; readonly multiple: boolean }
>;

/** The settings' part of the `options` of `parseArgs`; with `allowNegative`, a switch can be turned off as well. */
export function flagOptions(settings: readonly Setting[] = listSettings(Settings)): FlagOptions {
  return Object.fromEntries(
    settings.flatMap((setting) =>
      namesOf(setting).map((name) => [
        name,
        {
          type: KindGuard.IsBoolean(setting.schema) ? "boolean" : "string",
          multiple: KindGuard.IsArray(setting.schema),
        },
      ]),
    ),
  );
}

export function readFlags(schema: TObject, flags: FlagValues): Statement[] {
  return listSettings(schema).flatMap((setting) => {
    const given = namesOf(setting).filter((name) => flags[name] !== undefined);
    if (given.length > 1) {
      const both = given.map((name) => `--${name}`).join(" and ");
      return [stateProblem(`${both} are the same setting; give one of them.`, [setting.key])];
    }
    return given.flatMap((name) =>
      stateValue(
        setting.key,
        `--${name}`,
        setting.schema,
        finalValue(setting, [flags[name]].flat()),
      ),
    );
  });
}

/** The short name first. */
export function namesOf(setting: Setting): string[] {
  return setting.alias === undefined ? [setting.flag] : [setting.alias, setting.flag];
}

function finalValue({ schema }: Setting, given: readonly unknown[]): unknown {
  const values = given.map((value) =>
    typeof value === "string" ? parseText(schema, value) : value,
  );
  // A flag that is given again replaces what it said before, unless it is a list, which it lengthens.
  return KindGuard.IsArray(schema) ? values.flat() : values.at(-1);
}
