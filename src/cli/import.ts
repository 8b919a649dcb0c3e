// millrace import: takes in what millrace export has written.

import { Value } from "@sinclair/typebox/value";
import type { Settings } from "../config/schema.ts";
import { ServiceError } from "../core/errors.ts";
import type { ImportLine, ImportOutcome } from "../core/imports/import-store.ts";
import { IMPORT_LINES_MAX } from "../core/imports/imports.ts";
import { decodeLine } from "../http/export-lines.ts";
import { type Administration, openAdministration } from "./administration.ts";
import type { Command, Terminal } from "./command.ts";
import { needDirectory } from "./data-directory.ts";
import { EXPORT_FORMAT, FirstLine, LastLine, noCounts } from "./export-format.ts";
import { CommandError, shown } from "./failures.ts";
import { type Line, linesOf } from "./json-lines.ts";
import { DATA_SETTING } from "./settings.ts";

/** Of the lines that are sent together; a longer line goes alone. */
const BATCH_BYTES = 1_048_576;
const COMPLAINTS_MAX = 100;
const COMPLETE = "What was complete was imported.";

export const importCommand: Command = {
  name: "import",
  summary: "Takes in caches, topics and records that millrace export has written.",
  notes: [
    "It reads standard input, and works while the server runs and while it does not. Numbers, pages, times and versions are kept. What has a name that is there already is left as it is, which is said, and the exit status is 1: a cache keeps its settings, and topics that it does not have are added to it.",
    "A topic is there with all of its messages, or not at all. If the import ends early, what was complete stays, and importing the same again leaves that as it is.",
    "Subscribers go on where they were in the other store, with the same pages. So import what has come to its end: where the other store went on, its subscribers have numbers that come again here, for other messages.",
  ],
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace import < everything.jsonl", "gunzip < records.jsonl.gz | millrace import"],
  async run({ loadSettings }, terminal) {
    const settings = loadSettings();
    const lines = linesOf(terminal.readBytes());
    await requireFirst(lines);
    needDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    const run = new ImportRun(administration, settings, terminal);
    try {
      await run.takeAll(lines);
    } finally {
      await administration.endImport(run.id);
    }
    terminal.print(run.summary);
    if (run.left > 0) {
      throw new CommandError(`${run.left} of what was to be imported was not, as said above.`);
    }
    if (run.lost > 0) {
      throw new CommandError(
        `${run.lost} messages were not imported, because no topic of theirs came after them.`,
      );
    }
  },
};

class ImportRun {
  readonly id = crypto.randomUUID();
  left = 0;
  readonly #administration: Administration;
  readonly #depthMax: number;
  readonly #terminal: Terminal;
  readonly #stop: AbortSignal;
  readonly #counts = noCounts();
  readonly #imported = noCounts();
  #batch: ImportLine[] = [];
  #batchBytes = 0;

  constructor(administration: Administration, settings: Settings, terminal: Terminal) {
    this.#administration = administration;
    this.#depthMax = settings.records.depth_max;
    this.#terminal = terminal;
    this.#stop = terminal.catchStop();
  }

  get summary(): string {
    const { cache, topic, record, item } = this.#imported;
    return `Imported: ${cache} caches, ${topic} topics, ${item} messages, ${record} records.`;
  }

  /** Messages, where nothing else was left: then every topic that came has all of its own. */
  get lost(): number {
    return this.#counts.item - this.#imported.item;
  }

  /** Whatever ends it, what came until then has been sent. */
  async takeAll(lines: AsyncIterable<Line>): Promise<void> {
    try {
      this.#requireWhole(await this.#takeUntilLast(lines));
    } finally {
      await this.#send();
    }
  }

  async #takeUntilLast(lines: AsyncIterable<Line>): Promise<LastLine> {
    for await (const line of lines) {
      if (this.#stop.aborted) throw new CommandError(`The import was told to end. ${COMPLETE}`);
      const json = parse(line);
      if (Value.Check(LastLine, json)) return json;
      await this.#take(decode(line, json, this.#depthMax), line.text.length);
    }
    throw new CommandError(`The export is cut short: its last line is missing. ${COMPLETE}`);
  }

  async #take(line: ImportLine, bytes: number): Promise<void> {
    const { length } = this.#batch;
    const isFull = length === IMPORT_LINES_MAX || this.#batchBytes + bytes > BATCH_BYTES;
    if (isFull) await this.#send();
    this.#counts[line.kind] += 1;
    this.#batch.push(line);
    this.#batchBytes += bytes;
  }

  async #send(): Promise<void> {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    this.#batchBytes = 0;
    const outcomes = await this.#administration.importLines(this.id, batch);
    for (const [index, line] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined) this.#note(line, outcome);
    }
  }

  /** Messages count when their topic does. */
  #note(line: ImportLine, outcome: ImportOutcome): void {
    if (line.kind === "item") return;
    if (outcome.kind === "done") {
      this.#imported[line.kind] += 1;
      if (line.kind === "topic") this.#imported.item += line.newest - line.oldest + 1;
      return;
    }
    this.left += 1;
    if (this.left <= COMPLAINTS_MAX) this.#terminal.complain(complaintOf(line, outcome));
    if (this.left === COMPLAINTS_MAX) this.#terminal.complain("More of these are not shown.");
  }

  #requireWhole(last: LastLine): void {
    const { cache, item, topic, record } = this.#counts;
    if (Value.Equal({ kind: "end", cache, item, topic, record }, last)) return;
    throw new CommandError(
      `The export is not whole: it has not as many lines as its last line says. ${COMPLETE}`,
    );
  }
}

async function requireFirst(lines: AsyncGenerator<Line, void>): Promise<void> {
  const { value: line } = await lines.next();
  const json = line === undefined ? undefined : parsed(line.text);
  if (!Value.Check(FirstLine, json)) {
    throw new CommandError("Standard input is no export of Millrace.");
  }
  if (json.format <= EXPORT_FORMAT) return;
  throw new CommandError(
    `The export was written by a newer Millrace (format ${json.format}, this one knows up to ${EXPORT_FORMAT}): use that version.`,
  );
}

function parse(line: Line): unknown {
  const json = parsed(line.text);
  if (json !== undefined) return json;
  throw new CommandError(`Line ${line.number} is not JSON. ${COMPLETE}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decode({ number }: Line, json: unknown, depthMax: number): ImportLine {
  try {
    return decodeLine(json, depthMax);
  } catch (cause) {
    if (!(cause instanceof ServiceError)) throw cause;
    throw new CommandError(`Line ${number}: ${cause.message} ${COMPLETE}`);
  }
}

function complaintOf(line: ImportLine, outcome: ImportOutcome): string {
  const what = subjectOf(line);
  if (outcome.kind === "refused") return `${what} was not imported: ${outcome.message}`;
  return line.kind === "cache"
    ? `${what} exists already with other settings, which were left as they are.`
    : `${what} exists already and was left as it is.`;
}

function subjectOf(line: ImportLine): string {
  const inCache = "cache" in line ? ` of the cache ${shown(line.cache)}` : "";
  return `The ${line.kind} ${shown("topic" in line ? line.topic : line.name)}${inCache}`;
}
