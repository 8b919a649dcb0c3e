// Imports, the limits in force and reload, as the description of the API tells them.

import { type TObject, Type } from "@sinclair/typebox";
import { JSON_TYPE, type Operation } from "../../http/description.ts";
import { ExportLine } from "../../http/export-lines.ts";
import { jsonFailure } from "../../http/failures.ts";
import { ImportAnswer, LimitsAnswer, ReloadAnswer } from "./answers.ts";
import { answer, refusals, TAG, WRITE_FAILURES } from "./description-parts.ts";
import { ImportRequest } from "./schema.ts";

const MOVED = { id: "moved-17" };
const LINES = [
  {
    kind: "cache",
    name: "archive",
    created_at: 1_767_225_600_000,
    retention: { seconds: 0 },
    limits: {},
  },
  {
    kind: "item",
    cache: "archive",
    topic: "orders",
    sequence_number: 1,
    published_at: 1_767_225_601_000,
    value: { text: "hello world!" },
  },
  {
    kind: "topic",
    cache: "archive",
    topic: "orders",
    sequence_page: 1_767_225_600,
    first_sequence_number: 1,
    last_sequence_number: 1,
  },
  { kind: "record", name: "archive/1", version: 2, data: { firstname: "Alan" } },
];

const { items: _items, type: _type, ...BOUNDS } = ImportRequest.properties.lines;

const IMPORT_LINES: Operation = {
  id: "importLines",
  tag: TAG,
  method: "post",
  path: "/imports/{id}",
  summary: "Take in what another store has exported",
  description:
    "Lines of `millrace export` in their order, so many at a time. What has a name that is there already is left as it is. A topic comes with all of its messages or not at all: its line comes after them, in the same import. The answer comes when all is on disk.",
  caller: "admin",
  parameters: { path: idPath() },
  body: {
    required: true,
    content: {
      [JSON_TYPE]: Type.Object(
        // The description says what each line is checked for by itself.
        { lines: Type.Array(ExportLine, BOUNDS) },
        { additionalProperties: false },
      ),
    },
  },
  answers: {
    200: answer("What became of each line.", ImportAnswer),
    ...refusals("body_late", "limit_exceeded", ...WRITE_FAILURES),
  },
  examples: [
    {
      name: "lines",
      summary: "A cache with a message, and a record",
      path: MOVED,
      body: { lines: LINES },
      answer: { status: 200, body: { outcomes: LINES.map(() => ({ kind: "done" })) } },
    },
    {
      name: "again",
      summary: "The record once more",
      path: MOVED,
      body: { lines: LINES.slice(-1) },
      answer: { status: 200, body: { outcomes: [{ kind: "exists" }] } },
    },
    {
      name: "wrong",
      summary: "What is no line",
      path: MOVED,
      body: { lines: [{ kind: "user" }] },
      answer: jsonFailure(
        "invalid_argument",
        "The kind of a line must be one of cache, item, topic, record.",
      ),
    },
  ],
};

const END_IMPORT: Operation = {
  id: "endImport",
  tag: TAG,
  method: "delete",
  path: "/imports/{id}",
  summary: "End an import",
  description: "Forgets the messages of topics whose own line has not come.",
  caller: "admin",
  parameters: { path: idPath() },
  answers: {
    204: { description: "It is over." },
    ...refusals(...WRITE_FAILURES),
  },
  examples: [{ name: "end", summary: "End it", path: MOVED, answer: { status: 204 } }],
};

const LIMITS: Operation = {
  id: "getLimits",
  tag: TAG,
  method: "get",
  path: "/limits",
  summary: "Show the limits in force",
  caller: "admin",
  answers: { 200: answer("All of them.", LimitsAnswer), ...refusals() },
  examples: [{ name: "all", summary: "All limits", answer: { status: 200 } }],
};

const RELOAD: Operation = {
  id: "reload",
  tag: TAG,
  method: "post",
  path: "/reload",
  summary: "Take up what may change while the server runs",
  description:
    "The log level, the certificate with its key, the files of users and of permission rules, and the token of the metrics, as SIGHUP does. What cannot be used leaves the old in force.",
  caller: "admin",
  answers: { 200: answer("What was taken up, and what was not.", ReloadAnswer), ...refusals() },
  examples: [
    {
      name: "reload",
      summary: "All of it",
      answer: {
        status: 200,
        body: {
          reloaded: ["log level", "permission rules", "metrics token"],
          failed: [],
          restart: [],
        },
      },
    },
  ],
};

export const SERVER_OPERATIONS: readonly Operation[] = [IMPORT_LINES, END_IMPORT, LIMITS, RELOAD];

function idPath(): TObject {
  return Type.Object({
    id: Type.String({
      minLength: 1,
      maxLength: 64,
      description: "Made up by the caller, one for each import: letters, digits, `-` and `_`.",
    }),
  });
}
