// Which settings differ between two sets of them.

import { Settings } from "./schema.ts";
import { listSettings } from "./setting.ts";

/** Their keys, such as `[http] port`, in the order of the schema. */
export function differences(one: Settings, other: Settings): string[] {
  return listSettings(Settings)
    .filter(({ path }) => !Bun.deepEquals(valueAt(one, path), valueAt(other, path)))
    .map(({ key }) => key);
}

function valueAt(settings: object, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (section, name) => (section as Readonly<Record<string, unknown>>)[name],
    settings,
  );
}
