// README.md tells all limits as they are: those of the settings, and those that are the same everywhere.

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TypeGuard } from "@sinclair/typebox";
import { TokenRequest } from "../../src/apis/momento-http/schema.ts";
import { Settings } from "../../src/config/schema.ts";
import { listSettings } from "../../src/config/setting.ts";
import { USER_ID_RULE } from "../../src/core/access/user.ts";
import { LIMIT_CAUSES } from "../../src/core/errors.ts";
import { PageQuery } from "../../src/http/page-query.ts";
import { chapter, tableRows } from "./chapter.ts";

const SRC = join(import.meta.dir, "../../src");

/** What is told of constants: the beginning of the row, and the constant with its file. */
const CONSTANTS: readonly (readonly [row: string, constant: string])[] = [
  [
    "bytes of the name of a cache or topic, or of the id of a token",
    "core/names.ts NAME_BYTES_MAX",
  ],
  ["bytes of an email address", "core/access/email-address.ts EMAIL_BYTES_MAX"],
  ["bytes of a password", "core/access/password-hasher.ts PASSWORD_BYTES_MAX"],
  ["bytes of the client data and server data of a user", "core/access/user.ts DATA_BYTES_MAX"],
  ["levels of these", "core/access/user.ts DATA_DEPTH_MAX"],
  ["characters of a token", "auth/jwt-tokens.ts TOKEN_CHARACTERS_MAX"],
  ["characters of a token", "auth/webhook-answer.ts TOKEN_CHARACTERS_MAX"],
  ["days that `--expires` may say", "cli/duration.ts DAYS_MAX"],
  ["tokens between a minted one and that of the command line", "core/access/tokens.ts PARENTS_MAX"],
  ["keys that tokens may be signed with", "auth/key-ring.ts KEYS_MAX"],
  [
    "bytes of the body of a request about caches, tokens or users",
    "http/json-body.ts JSON_BYTES_MAX",
  ],
  ["bytes of the body of `PUT /records`", "apis/admin-http/record-routes.ts BODY_BYTES_MAX"],
  ["bytes of the body of `PUT /records`", "apis/admin-http/import-routes.ts BODY_BYTES_MAX"],
  ["lines of one request of an import", "core/imports/imports.ts IMPORT_LINES_MAX"],
  ["bytes of a line of an export", "cli/json-lines.ts LINE_BYTES_MAX"],
  ["lines left out that `millrace import` names", "cli/import.ts COMPLAINTS_MAX"],
  ["problems that `millrace verify` lists", "engine/sqlite/soundness.ts PROBLEMS_MAX"],
  ["records that a list looks at", "server/options.ts LISTED_MAX"],
  ["spans that wait for the collector of traces", "telemetry/traces.ts QUEUE_MAX"],
  ["the version of a record", "core/records/command.ts VERSION_MAX"],
  ["members that one write may add to arrays", "core/records/command.ts ARRAY_GROWTH_MAX"],
  [
    "bytes of records that are told of conflicts at once",
    "engine/sqlite/record-writer.ts CONFLICT_BYTES_MAX",
  ],
  [
    "writes other than publishes that wait for the disk",
    "engine/sqlite/writer-client.ts OTHER_COMMANDS_MAX",
  ],
  ["logins that wait for others of the same account", "core/access/login-limits.ts WAITING_MAX"],
  ["logins that ask the webhook at once", "auth/webhook-login.ts AT_ONCE_MAX"],
  ["logins that wait to ask it", "auth/webhook-login.ts WAITING_MAX"],
  ["bytes of the webhook's answer", "auth/webhook-login.ts ANSWER_BYTES_MAX"],
  [
    "bytes of a message of a WebSocket before its login",
    "apis/deepstream-ws/connection.ts STRANGER_BYTES_MAX",
  ],
  [
    "bytes of messages of one WebSocket that wait for their turn",
    "server/incoming.ts WAITING_BYTES_MAX",
  ],
  ["names in one message", "apis/deepstream-ws/connection.ts NAMES_MAX"],
  [
    "characters of the id of a call",
    "apis/deepstream-ws/rpc-topic.ts CORRELATION_ID_CHARACTERS_MAX",
  ],
  ["seconds that an idle connection stays open", "server/listener.ts IDLE_SECONDS"],
  ["steps of a compiled pattern", "patterns/linear-pattern.ts INSTRUCTIONS_MAX"],
  ["bytes of a file of permission rules", "rules/valve/rules-document.ts BYTES_MAX"],
  ["patterns in it", "rules/valve/parse-rules.ts PATTERNS_MAX"],
  ["characters of a rule", "rules/valve/read-expression.ts LENGTH_MAX"],
  [
    "steps of its compiled regular expression",
    "rules/valve/regular-expression.ts INSTRUCTIONS_MAX",
  ],
  ["work of one decision", "rules/valve/evaluation.ts EFFORT_MAX"],
];

/** What is told of schemas and rules. */
const OTHERS: readonly (readonly [row: string, value: unknown])[] = [
  ["permissions of a minted token", TokenRequest.properties.permissions.maxItems],
  ["entries in one page of a list", PageQuery.properties.limit.maximum],
  ["bytes of the id of a user", Number(/1 to (\d+) bytes/.exec(USER_ID_RULE)?.[1])],
];

/** What nobody outside can run into, or what only makes things cheaper. */
const INTERNAL: ReadonlySet<string> = new Set([
  "apis/deepstream-http/schema.ts PATH_SHOWN_MAX",
  "apis/deepstream-ws/binary-format.ts VARINT_BYTES_MAX",
  "cli/admin-socket.ts PATH_BYTES_MAX",
  "cli/output.ts WAITING_CHARACTERS_MAX",
  "cli/password-input.ts BYTES_MAX",
  "cli/remote-administration.ts ANSWER_MS_MAX",
  "cli/remote-administration.ts HEALTH_MS_MAX",
  "core/access/audit.ts CHARACTERS_MAX",
  "core/access/login-limits.ts ACCOUNT_CHARACTERS_MAX",
  "core/access/login-limits.ts BUCKETS_MAX",
  "core/access/login-limits.ts KNOWN_MAX",
  "core/access/permissions.ts NAME_CHARACTERS_MAX",
  "core/access/rate-limits.ts BUCKETS_MAX",
  "core/access/tokens.ts REMEMBERED_CHARACTERS_MAX",
  "core/answer-budget.ts UNCOUNTED_BYTES_MAX",
  "core/records/guarded-writes.ts ATTEMPTS_MAX",
  "core/records/read-permissions.ts READ_MAX",
  "core/records/record-subscriptions.ts READ_MAX",
  "core/records/records.ts READ_MAX",
  "engine/sqlite/remembered-records.ts BYTES_MAX",
  "engine/sqlite/soundness.ts PAGE_MAX",
  "engine/sqlite/writer-client.ts GROUP_BYTES_MAX",
  "engine/sqlite/writer-state.ts TOPICS_REMEMBERED_MAX",
  "http/body.ts UNTIMED_BYTES_MAX",
  "http/export-lines.ts PAGE_MAX",
  "http/export-lines.ts WHOLE_MAX",
  "http/long-answer.ts IDLE_SECONDS",
  "main.ts FLUSH_MS_MAX",
  "rules/valve/character-set.ts CODE_POINT_MAX",
  "rules/valve/character-set.ts UNIT_MAX",
  "rules/valve/name-pattern.ts LENGTH_MAX",
  "rules/valve/name-pattern.ts WILDCARDS_MAX",
  "rules/valve/printable.ts LENGTH_MAX",
  "rules/valve/printable.ts QUOTED_LENGTH_MAX",
  "rules/valve/read-expression.ts DEPTH_MAX",
  "rules/valve/regular-expression.ts LENGTH_MAX",
  "rules/valve/rule-choice.ts REMEMBERED_BYTES_MAX",
  "rules/valve/rule-choice.ts NAME_LENGTH_MAX",
  "rules/valve/rules-document.ts PROBLEMS_MAX",
  "rules/valve/values.ts TEXT_LENGTH_MAX",
  "server/listener.ts BODY_BYTES_MAX",
  "server/outgoing.ts GATHERED_BYTES_MAX",
  "server/redirect.ts IDLE_SECONDS",
  "server/rules.ts FILE_BYTES_MAX",
  "systemd/libc.ts PATH_BYTES_MAX",
  "systemd/libc.ts SEND_SECONDS_MAX",
  "telemetry/denial-log.ts NAME_CHARACTERS_MAX",
  "telemetry/denial-log.ts RULES_MAX",
  "telemetry/request-counts.ts STATUS_MAX",
  "telemetry/traces.ts EXPORT_MS_MAX",
  "telemetry/traces.ts SHUTDOWN_MS_MAX",
  "systemd/libc.ts PATH_BYTES_MAX",
  "systemd/libc.ts SEND_SECONDS_MAX",
]);

const rows = tableRows("limits");
const fixed = tableRows("fixed limits");
const settings = listSettings(Settings);

test("every setting that is a limit has a row, with its default", () => {
  const limits = settings.filter(
    ({ key, schema }) =>
      TypeGuard.IsInteger(schema) &&
      (/_max$| retention_|_failures$/.test(key) || key.startsWith("[limits]")),
  );
  const told = new Map(rows.map(([, setting = "", amount = ""]) => [setting, amount]));
  const missing = limits.filter(({ key }) => !told.has(`\`${key}\``)).map(({ key }) => key);
  const advice = "Give it a row in the chapter on limits of README.md:";
  expect([advice, ...missing]).toEqual([advice]);
  for (const [setting, amount] of told) {
    const found = settings.find(({ key }) => `\`${key}\`` === setting);
    expect([setting, amount]).toEqual([setting, grouped(found?.schema.default)]);
  }
});

test("every limit that may be named in an answer is in the chapter", () => {
  const text = chapter("Limits");
  expect(LIMIT_CAUSES.filter((cause) => !text.includes(`\`${cause}\``))).toEqual([]);
  expect(Array.from(text.matchAll(/`(\w+_limit_exceeded)`/g), ([, name]) => name)).toSatisfy(
    (names: unknown[]) => names.every((name) => LIMIT_CAUSES.some((cause) => cause === name)),
  );
});

test("the limits that are the same everywhere are those of the source", () => {
  const constants = maxima();
  for (const [row, constant] of CONSTANTS) {
    const told = fixed.find(([what = ""]) => what.startsWith(row));
    expect([row, told?.[1]]).toEqual([row, grouped(constants.get(constant))]);
  }
  for (const [row, value] of OTHERS) {
    const told = fixed.find(([what = ""]) => what.startsWith(row));
    expect([row, told?.[1]]).toEqual([row, grouped(value)]);
  }
  const told = new Set(CONSTANTS.map(([, constant]) => constant));
  const unknown = [...constants.keys()].filter((name) => !told.has(name) && !INTERNAL.has(name));
  const advice = "Tell it in the chapter on limits of README.md, or call it internal here:";
  expect([advice, ...unknown]).toEqual([advice]);
  expect([...INTERNAL].filter((name) => !constants.has(name))).toEqual([]);
});

/** By file and name, the constants of the source that say how much there may be at most. */
function maxima(): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const path of readdirSync(SRC, { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".ts")) continue;
    const text = readFileSync(join(SRC, path), "utf8");
    for (const [, name, value = ""] of text.matchAll(
      /^(?:export )?const (\w+_MAX|IDLE_SECONDS) = (.+);$/gm,
    )) {
      found.set(`${path.replaceAll("\\", "/")} ${name}`, amountOf(value));
    }
  }
  return found;
}

function amountOf(value: string): number {
  const [, base, exponent] = /^(\d+) \*\* (\d+) - 1$/.exec(value) ?? [];
  if (base !== undefined) return Number(base) ** Number(exponent) - 1;
  return Number(value.replaceAll("_", ""));
}

function grouped(value: unknown): string {
  return typeof value === "number" ? value.toLocaleString("en") : `${value}`;
}
