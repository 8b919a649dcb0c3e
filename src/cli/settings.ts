// The settings of a command: from its flags, the environment and the file that --config names.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Environment } from "../config/environment.ts";
import type { FlagValues } from "../config/flags.ts";
import { loadSettings } from "../config/load.ts";
import { Settings } from "../config/schema.ts";
import { listSettings, type Setting } from "../config/setting.ts";
import { textOf } from "./command.ts";
import { ConfigurationError } from "./failures.ts";

/** Throws `ConfigurationError` that names every problem. */
export function readSettings(
  flags: FlagValues,
  environment: Environment,
  toListen = false,
): Settings {
  const fileName = textOf(flags, "config");
  const fileText = fileName === undefined ? undefined : readText(fileName);
  const loaded = loadSettings({
    fileText,
    fileName,
    resolvePath: fileName === undefined ? undefined : (path) => resolve(dirname(fileName), path),
    environment,
    flags,
    toListen,
  });
  if ("settings" in loaded) return loaded.settings;
  throw new ConfigurationError(loaded.problems);
}

export function everySetting(): readonly Setting[] {
  return listSettings(Settings);
}

/** The settings of these keys, such as `[http] port`. */
export function settingsOf(keys: readonly string[]): readonly Setting[] {
  return everySetting().filter(({ key }) => keys.includes(key));
}

/** What every command that works on a data directory takes as a flag. */
export const DATA_SETTING = settingsOf(["[storage] data"]);

function readText(fileName: string): string {
  try {
    return readFileSync(fileName, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError([`The configuration file ${fileName} cannot be read: ${reason}.`]);
  }
}
