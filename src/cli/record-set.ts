// millrace record set: puts a value into a record, without telling anybody.

import type { FlagValues } from "../config/flags.ts";
import type { Json } from "../core/json.ts";
import { VERSION_MAX } from "../core/records/command.ts";
import { openAdministration } from "./administration.ts";
import { type Command, textOf } from "./command.ts";
import { needDirectory } from "./data-directory.ts";
import { UsageError } from "./failures.ts";
import { RECORD_NAME } from "./operands.ts";
import { DATA_SETTING } from "./settings.ts";

export const recordSet: Command = {
  name: "record set",
  summary: "Puts a value into a record, whatever it held, and tells nobody of it.",
  notes: [
    "It is for repairing and for data that comes from elsewhere: programs that have the record learn of it when millrace record notify tells them. Writes of programs go over the server's APIs.",
  ],
  operand: RECORD_NAME,
  content: {
    name: "JSON",
    description:
      "What the record is to hold, as JSON: mostly an object or an array, but any value will do. One that begins with a dash comes after --.",
  },
  flags: [
    {
      name: "version",
      value: "N",
      description: "The version that the record is to have; without it, the next.",
    },
  ],
  settings: DATA_SETTING,
  examples: [
    `millrace record set users/123 '{"firstname":"Alan"}'`,
    `millrace record set users/123 '{"firstname":"Alan"}' --version 7`,
  ],
  async run({ operand, content, flags, loadSettings }, terminal) {
    const data = jsonOf(content);
    const version = versionOf(flags);
    const settings = loadSettings();
    needDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    const made = await administration.replaceRecord(operand, data, version);
    terminal.print(`The record ${operand} has version ${made} now.`);
  },
};

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new UsageError(
      `The value is not JSON; quote it for the shell, as in '{"firstname":"Alan"}' or '"text"'.`,
    );
  }
}

function versionOf(flags: FlagValues): number | undefined {
  const text = textOf(flags, "version");
  if (text === undefined) return undefined;
  const version = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (version <= VERSION_MAX) return version;
  throw new UsageError(`--version must be a whole number from 0 to ${VERSION_MAX}.`);
}
