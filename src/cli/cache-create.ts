// millrace cache create: makes a cache, or changes what it has of its own.

import type { FlagValues } from "../config/flags.ts";
import type { CacheOverrides } from "../core/caches/cache.ts";
import { openAdministration } from "./administration.ts";
import { type Command, textOf } from "./command.ts";
import { needDirectory } from "./data-directory.ts";
import { shown, UsageError } from "./failures.ts";
import { CACHE_NAME, requireNameOperand } from "./operands.ts";
import { DATA_SETTING } from "./settings.ts";

/** One figure of a cache, as the core and as the command line name it. */
interface Figure {
  readonly part: keyof CacheOverrides;
  readonly name: string;
  readonly flag: string;
  readonly description: string;
}

const FIGURES: readonly Figure[] = [
  figure("retention", "seconds", "retention-seconds", "Seconds for which a message is kept."),
  figure(
    "retention",
    "bytes",
    "retention-bytes",
    "Bytes kept, after which the oldest messages go.",
  ),
  figure("retention", "topicItems", "retention-topic-items", "Messages that a topic keeps."),
  figure("limits", "topics", "topics-max", "Topics that there may be."),
  figure("limits", "storedBytes", "stored-bytes-max", "Bytes after which publishes are refused."),
  figure("limits", "publishesPerSecond", "publishes-per-second", "Publishes a second."),
  figure("limits", "bytesPerSecond", "bytes-per-second", "Bytes published a second."),
  figure("limits", "waiters", "waiters-max", "Polls that may wait at once."),
];

export const cacheCreate: Command = {
  name: "cache create",
  summary: "Makes a cache, or changes the retention and limits of one that exists.",
  notes: [
    "A cache is a namespace of topics; topics come into being by being used. What no flag sets follows the server's settings (sections [caches] and [limits]); 0 is no limit, and default goes back to the server's setting. A cache that exists keeps its messages, and what is not named stays as it is.",
  ],
  operand: CACHE_NAME,
  flags: FIGURES.map(({ flag, description }) => ({
    name: flag,
    value: "N|default",
    description,
  })),
  settings: DATA_SETTING,
  examples: [
    "millrace cache create my-cache",
    "millrace cache create my-cache --retention-seconds 86400 --retention-bytes 0",
    "millrace cache create my-cache --retention-seconds default",
  ],
  async run({ operand, flags, loadSettings }, terminal) {
    const name = requireNameOperand("cache", operand);
    const overrides = overridesOf(flags);
    const settings = loadSettings();
    needDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    const { created } = await administration.putCache(name, overrides);
    const isChange = Object.values(overrides).some((part) => Object.keys(part).length > 0);
    if (created) terminal.print(`The cache ${name} is there now.`);
    else terminal.print(`The cache ${name} exists already${isChange ? "; it was changed" : ""}.`);
  },
};

function figure<Part extends keyof CacheOverrides>(
  part: Part,
  name: keyof CacheOverrides[Part] & string,
  flag: string,
  description: string,
): Figure {
  return { part, name, flag, description };
}

function overridesOf(flags: FlagValues): CacheOverrides {
  const given = FIGURES.filter(({ flag }) => flags[flag] !== undefined);
  const partOf = (wanted: keyof CacheOverrides) =>
    Object.fromEntries(
      given
        .filter(({ part }) => part === wanted)
        .map(({ name, flag }) => [name, quantityOf(flag, textOf(flags, flag) ?? "")]),
    );
  return { retention: partOf("retention"), limits: partOf("limits") };
}

/** Null: as the server's settings say. */
function quantityOf(flag: string, text: string): number | null {
  if (text === "default") return null;
  const quantity = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(quantity)) return quantity;
  throw new UsageError(
    `--${flag} is ${shown(text)}; it must be a whole number from 0 (no limit) to ${Number.MAX_SAFE_INTEGER}, or default.`,
  );
}
