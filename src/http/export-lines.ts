// The lines of an export: one JSON object for each cache, message, topic and record.

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { invalidArgument } from "../core/errors.ts";
import type { ImportLine } from "../core/imports/import-store.ts";
import { type Json, renderJson } from "../core/json.ts";
import { VERSION_MAX } from "../core/records/command.ts";
import { cacheSettings } from "./cache-settings.ts";

const STRICT = { additionalProperties: false };
const WHOLE_MAX = Number.MAX_SAFE_INTEGER;
const PAGE_MAX = 2 ** 31 - 1;

function figure(description: string) {
  return Type.Optional(Type.Integer({ minimum: 0, maximum: WHOLE_MAX, description }));
}

const moment = (description: string) =>
  Type.Integer({
    minimum: 0,
    maximum: WHOLE_MAX,
    description: `${description} Milliseconds since the Unix epoch.`,
  });
const number = (minimum: number, description: string) =>
  Type.Integer({ minimum, maximum: WHOLE_MAX, description });
const cache = Type.String({ description: "The name of the cache." });
const topic = Type.String({ description: "The name of the topic." });

const CacheLine = Type.Object(
  {
    kind: Type.Literal("cache"),
    name: Type.String({ description: "The name of the cache." }),
    created_at: moment("When it was made."),
    ...cacheSettings(figure),
  },
  {
    ...STRICT,
    description: "A cache; what is left out follows the server's settings, 0 is no limit.",
  },
);
type CacheLine = Static<typeof CacheLine>;

const ItemLine = Type.Object(
  {
    kind: Type.Literal("item"),
    cache,
    topic,
    sequence_number: number(1, "Contiguous in each topic."),
    published_at: moment("When it was stored."),
    publisher_id: Type.Optional(
      Type.String({ description: "The id that the publisher's token was given by name." }),
    ),
    value: Type.Union([
      Type.Object({ text: Type.String() }, STRICT),
      Type.Object({ binary: Type.String({ description: "In base64." }) }, STRICT),
    ]),
  },
  { ...STRICT, description: "A message, in the order of commits of its cache." },
);
type ItemLine = Static<typeof ItemLine>;

const TopicLine = Type.Object(
  {
    kind: Type.Literal("topic"),
    cache,
    topic,
    sequence_page: Type.Integer({ minimum: 1, maximum: PAGE_MAX, description: "Its incarnation." }),
    first_sequence_number: number(1, "Of its oldest message."),
    last_sequence_number: number(
      0,
      "Of its newest message; one below the first when all of them are gone.",
    ),
  },
  { ...STRICT, description: "A topic, after all of its messages." },
);

const RecordLine = Type.Object(
  {
    kind: Type.Literal("record"),
    name: Type.String({ description: "The name of the record." }),
    version: Type.Integer({ minimum: 0, maximum: VERSION_MAX, description: "Its version." }),
    data: Type.Unknown({ description: "What it holds." }),
  },
  { ...STRICT, description: "A record." },
);

/** Of what is exported, the first line and the last apart. */
export const ExportLine = Type.Union([CacheLine, ItemLine, TopicLine, RecordLine]);
export type ExportLine = Static<typeof ExportLine>;

/** What became of a line. */
export const OutcomeJson = Type.Union([
  Type.Object({ kind: Type.Literal("done") }),
  Type.Object(
    { kind: Type.Literal("exists") },
    { description: "There is one of that name already, which was left as it is." },
  ),
  Type.Object({ kind: Type.Literal("refused"), message: Type.String() }),
]);

const LINES: Readonly<Record<ImportLine["kind"], TSchema>> = {
  cache: CacheLine,
  item: ItemLine,
  topic: TopicLine,
  record: RecordLine,
};

/** The text of a line, without its end. */
export function encodeLine(line: ImportLine): string {
  if (line.kind !== "record") return JSON.stringify(encodeLineJson(line));
  // The data are JSON already.
  const { name, version, data } = line;
  return `{"kind":"record","name":${JSON.stringify(name)},"version":${version},"data":${data}}`;
}

export function encodeLineJson(line: ImportLine): ExportLine {
  switch (line.kind) {
    case "cache":
      return encodeCache(line);
    case "item":
      return encodeItem(line);
    case "topic":
      return {
        kind: "topic",
        cache: line.cache,
        topic: line.topic,
        sequence_page: line.sequencePage,
        first_sequence_number: line.oldest,
        last_sequence_number: line.newest,
      };
    case "record":
      return { ...line, data: JSON.parse(line.data) };
  }
}

function encodeCache(line: Extract<ImportLine, { kind: "cache" }>): CacheLine {
  const { name, createdAt, overrides } = line;
  const { retention, limits } = overrides;
  return {
    kind: "cache",
    name,
    created_at: createdAt,
    retention: underscored(retention),
    limits: underscored(limits),
  };
}

function encodeItem(line: Extract<ImportLine, { kind: "item" }>): ItemLine {
  const { cache, topic, sequenceNumber, publishedAt, publisherId, value } = line;
  return {
    kind: "item",
    cache,
    topic,
    sequence_number: sequenceNumber,
    published_at: publishedAt,
    ...(publisherId === undefined ? {} : { publisher_id: publisherId }),
    value: typeof value === "string" ? { text: value } : { binary: value.toBase64() },
  };
}

/** Records may be nested so deep. Throws `invalid_argument` that says what is wrong with the line. */
export function decodeLine(value: unknown, depthMax: number): ImportLine {
  const line = checked(value);
  switch (line.kind) {
    case "cache":
      return decodeCache(line);
    case "item":
      return decodeItem(line);
    case "topic":
      return {
        kind: "topic",
        cache: line.cache,
        topic: line.topic,
        sequencePage: line.sequence_page,
        oldest: line.first_sequence_number,
        newest: line.last_sequence_number,
      };
    case "record": {
      const data = renderJson("data", line.data as Json, depthMax);
      return { kind: "record", name: line.name, version: line.version, data };
    }
  }
}

function checked(value: unknown): ExportLine {
  const kind = typeof value === "object" && value !== null && "kind" in value ? value.kind : "";
  const schema =
    typeof kind === "string" && Object.hasOwn(LINES, kind) ? LINES[kind as "cache"] : undefined;
  if (schema === undefined) {
    throw invalidArgument(`The kind of a line must be one of ${Object.keys(LINES).join(", ")}.`);
  }
  if (Value.Check(schema, value)) return value as CacheLine;
  const error = Value.Errors(schema, value).First();
  const where = error?.path.slice(1).replaceAll("/", ".") || "it";
  throw invalidArgument(`A line of the kind ${kind} is not valid: ${where}: ${error?.message}.`);
}

function decodeCache({ name, created_at, retention, limits }: CacheLine): ImportLine {
  const figures = { retention: camelCased(retention), limits: camelCased(limits) };
  return { kind: "cache", name, createdAt: created_at, overrides: figures };
}

function decodeItem(line: ItemLine): ImportLine {
  const { value } = line;
  return {
    kind: "item",
    cache: line.cache,
    topic: line.topic,
    sequenceNumber: line.sequence_number,
    publishedAt: line.published_at,
    publisherId: line.publisher_id,
    value: "text" in value ? requireWhole(value.text) : bytesOf(value.binary),
  };
}

function requireWhole(text: string): string {
  if (text.isWellFormed()) return text;
  throw invalidArgument(
    "The text of a message holds half of a surrogate pair, which is no character.",
  );
}

function bytesOf(binary: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(binary);
  } catch {
    throw invalidArgument("The binary value of a message is not base64.");
  }
}

/** `topicItems` as `topic_items`, of what is set. */
function underscored(figures: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).flatMap(([name, value]) =>
      typeof value === "number"
        ? [[name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]]
        : [],
    ),
  );
}

/** `topic_items` as `topicItems`. */
function camelCased(figures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
