// millrace export: writes caches, topics and records as lines of JSON.

import { exportLines } from "../engine/sqlite/exporter.ts";
import { encodeLine } from "../http/export-lines.ts";
import { version } from "../version.ts";
import { type Command, type Terminal, textOf } from "./command.ts";
import { asDirectoryError, requireDirectory } from "./data-directory.ts";
import { type Counts, EXPORT_FORMAT, noCounts } from "./export-format.ts";
import { CommandError, UsageError } from "./failures.ts";
import { DATA_SETTING } from "./settings.ts";

const CHUNK_CHARACTERS = 262_144;

export const exportCommand: Command = {
  name: "export",
  summary: "Writes caches, topics and records to standard output, one JSON object a line.",
  notes: [
    "Without flags it is all of them: caches with their settings, topics with their messages, numbers and pages, records with their versions. With --cache there are no records unless --record names them, and the other way round. Users, tokens and keys are never in it: millrace backup has them.",
    "It works while the server runs and while it does not, and is of one moment: a running server goes on, but its log grows until the last line was taken.",
  ],
  flags: [
    {
      name: "cache",
      value: "NAME|'PREFIX*'",
      description: "Only this cache, or those that begin so.",
    },
    { name: "topic", value: "NAME|'PREFIX*'", description: "Only these topics of the caches." },
    {
      name: "record",
      value: "NAME|'PREFIX*'",
      description: "Only this record, or those that begin so.",
    },
  ],
  settings: DATA_SETTING,
  examples: [
    "millrace export > everything.jsonl",
    "millrace export --cache my-cache --topic 'orders-*' > orders.jsonl",
    "millrace export --record '*' | gzip > records.jsonl.gz",
  ],
  async run({ flags, loadSettings }, terminal) {
    const cache = textOf(flags, "cache");
    const topic = textOf(flags, "topic");
    const record = textOf(flags, "record");
    const isAll = cache === undefined && topic === undefined && record === undefined;
    if (topic !== undefined && cache === undefined) {
      throw new UsageError("--topic needs --cache, which says of which caches.");
    }
    const directory = loadSettings().storage.data;
    requireDirectory(directory);
    const selection = isAll
      ? { cache: "*", topic: "*", record: "*" }
      : { cache, topic: topic ?? "*", record };
    try {
      await write(renderLines(exportLines(directory, selection)), terminal);
    } catch (cause) {
      throw asDirectoryError(directory, cause);
    }
  },
};

function* renderLines(lines: ReturnType<typeof exportLines>): Generator<string, void> {
  const counts: Counts = noCounts();
  const exported_at = new Date().toISOString();
  yield JSON.stringify({ kind: "export", format: EXPORT_FORMAT, version, exported_at });
  for (const line of lines) {
    counts[line.kind] += 1;
    yield encodeLine(line);
  }
  yield JSON.stringify({ kind: "end", ...counts });
}

async function write(lines: Iterable<string>, terminal: Terminal): Promise<void> {
  let chunk = "";
  const send = async () => {
    const bytes = Buffer.from(chunk);
    chunk = "";
    await terminal.writeBytes(bytes).catch((cause: unknown) => {
      throw new CommandError("Nobody took the export to its end.", { cause });
    });
  };
  for (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length >= CHUNK_CHARACTERS) await send();
  }
  await send();
}
