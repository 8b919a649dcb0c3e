// The description of the server: it is what the server does, and each of its examples works.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import fc from "fast-check";
import { readCommand } from "../../src/apis/deepstream-http/schema.ts";
import { loadSettings } from "../../src/config/load.ts";
import type { OpenApi } from "../../src/http/openapi.ts";
import { type Answered, Contract, type Described } from "../support/contract.ts";
import { type InProcess, openInProcess } from "../support/in-process-server.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");

/** Named in the description as what its examples need. */
const SETTINGS = {
  deepstream: {
    auth: ["email", "open"],
    email: { sign_up: true },
    login: { address_failures: 0, account_failures: 0 },
  },
};

/** What is another each time: by its name, or by the operation and its name. */
const VARYING = new Set([
  ...["created_at", "published_at", "sequence_page", "expires_at"],
  ...["token", "endpoint", "kid", "id", "commit", "bun", "health.version"],
  // Those of a topic that was deleted are cleared in the background.
  "getCacheUsage.idempotency_keys",
]);

let server: InProcess;
let document: OpenApi;
let contract: Contract;

beforeAll(async () => {
  server = await openInProcess(SETTINGS);
  document = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenApi;
  contract = new Contract(document);
});

afterAll(() => server.close());

test("it is an OpenAPI document, with an id of its own for each operation", async () => {
  expect(await new Validator().validate({ ...document })).toMatchObject({ valid: true });
  const ids = contract.operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = document.tags.map(({ name }) => name);
  for (const operation of contract.operations) {
    expect(tags).toContain(operation.tags[0] ?? "");
    expect(operation["x-codeSamples"].length).toBeGreaterThan(0);
  }
});

test("every route is described, and every operation has a route", () => {
  const routes = server
    .routes()
    // What preflights and wrong methods are answered is not the work of a route.
    .filter(({ method }) => method !== "OPTIONS" && method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, "{}")}`);
  const described = contract.operations.flatMap(({ method, path, "x-also-at": others = [] }) =>
    [path, ...others].map((one) => `${method.toUpperCase()} ${one.replaceAll(/\{\w+\}/g, "{}")}`),
  );
  const mute = routes.filter((route) => !described.includes(route));
  const advice = "Add an operation to the description.ts of its API, with an example:";
  expect([advice, ...mute]).toEqual([advice]);
  expect(described.filter((route) => !routes.includes(route))).toEqual([]);
});

test("the paths of deepstream's API may not be those of another", () => {
  const others = server
    .routes()
    .map(({ path }) => path.split("/")[1] ?? "")
    .filter((first) => first !== "api");
  for (const first of new Set(others)) {
    const flags = { "deepstream-post-path": `/${first}/commands` };
    const loaded = loadSettings({ environment: {}, flags });
    expect(loaded).toEqual({ problems: [expect.stringContaining(`begin with /${first} `)] });
  }
});

test("every example works as it is written, in the order in which they stand", async () => {
  const answers = await pasteExamples();
  const faults = contract.operations.flatMap((operation) =>
    operation["x-codeSamples"].flatMap((sample) => {
      const answer = answers.shift();
      if (answer === undefined) throw new Error("an example was not run");
      return [
        ...contract.faultsOf(operation, answer),
        ...differences(operation, sample["x-example"], sample["x-status"], answer),
      ].map((fault) => `${fault}\n${sample.source}`);
    }),
  );
  expect(faults).toEqual([]);
});

test("every value that stands in an example is what its schema allows", () => {
  const faults = places(document).flatMap(({ place, value }) => contract.faults(place, value));
  expect(faults).toEqual([]);
});

test("whole numbers in a query are taken up to the bounds that are described, and no further", async () => {
  for (const { operation, parameter, schema } of parameters("query", "integer")) {
    const { minimum, maximum } = schema as { minimum: number; maximum: number };
    for (const [value, isGood] of [
      [minimum, true],
      [maximum, true],
      [minimum - 1, false],
      [BigInt(maximum) + 1n, false],
    ] as const) {
      const { status, body } = await send(operation, { [parameter]: String(value) });
      const isRefused = status === 400 && body.includes(parameter);
      expect(`${parameter}=${value}: ${isRefused}`).toBe(`${parameter}=${value}: ${!isGood}`);
    }
  }
});

test("texts in a path or a header are taken up to the length that is described, and no further", async () => {
  for (const place of ["path", "header"] as const) {
    for (const { operation, parameter, schema } of parameters(place, "string")) {
      const { maxLength } = schema as { maxLength?: number };
      if (maxLength === undefined) continue;
      for (const length of [maxLength, maxLength + 1]) {
        const { status } = await send(operation, { [parameter]: "x".repeat(length) });
        const where = `${operation.operationId} ${parameter} of ${length}`;
        expect(`${where}: ${status === 400}`).toBe(`${where}: ${length > maxLength}`);
      }
    }
  }
});

test("a body that is not as described is refused", async () => {
  for (const operation of contract.operations) {
    const media = operation.requestBody?.content["application/json"];
    for (const example of Object.values(media?.examples ?? {})) {
      for (const body of spoiled(example.value)) {
        const place = ["paths", operation.path, operation.method, "requestBody", "content"];
        const isGood = contract.faults([...place, "application/json", "schema"], body).length === 0;
        if (isGood) continue;
        const { status } = await send(operation, {}, JSON.stringify(body));
        const what = `${operation.operationId} of ${JSON.stringify(body)}`;
        // 401: credentials of an unknown kind.
        expect(`${what}: ${status === 400 || status === 401}`).toBe(`${what}: true`);
      }
    }
  }
});

test("commands are described as they are checked", () => {
  const items = ["components", "schemas", "Commands", "properties", "body", "items"];
  fc.assert(
    fc.property(anyCommand(), (command) => {
      const isGood = contract.faults(items, command).length === 0;
      expect(typeof readCommand(command) !== "string").toBe(isGood);
    }),
    { numRuns: 2000 },
  );
});

/**
 * All of them in one shell, as somebody would paste them, after the lines that the description begins
 * with, on a server that has nothing yet.
 */
async function pasteExamples(): Promise<Answered[]> {
  await using opened = new AsyncDisposableStack();
  const fresh = opened.adopt(await openInProcess(SETTINGS), (server) => server.close());
  const directory = mkdtempSync(join(tmpdir(), "millrace-examples-"));
  const preparation = Array.from(
    document.info.description.matchAll(/^- `(.+)`$/gm),
    ([, line]) => line,
  );
  expect(preparation.length).toBeGreaterThan(0);
  const samples = contract.operations.flatMap((operation) => operation["x-codeSamples"]);
  const shell = Bun.spawn(["sh"], {
    cwd: directory,
    env: { ...Bun.env, BUN: process.execPath, MAIN, DATA: fresh.data, URL: fresh.url },
    stdin: new Blob([
      'millrace() { "$BUN" "$MAIN" "$@" --data "$DATA"; }\n',
      'curl() { command curl -sS -m 60 -D "$number.head" -o "$number.body" "$@"; }\n',
      ...preparation.map((line) => `${line}\n`),
      ...samples.map(({ source }, index) => `number=${index}\n${source}\n`),
    ]),
    stdout: "ignore",
    stderr: "pipe",
  });
  const complaints = await shell.stderr.text();
  expect(complaints).toBe("");
  const answers = samples.map((_, index): Answered => {
    const [first = "", ...lines] = readFileSync(join(directory, `${index}.head`), "utf8")
      .trim()
      .split("\r\n");
    const headers = new Headers(
      lines.map((line): [string, string] => {
        const [name = "", ...text] = line.split(":");
        return [name, text.join(":").trim()];
      }),
    );
    const body = Bun.file(join(directory, `${index}.body`));
    return {
      status: Number(first.split(" ")[1]),
      headers,
      body: body.size > 0 ? readFileSync(join(directory, `${index}.body`), "utf8") : "",
    };
  });
  rmSync(directory, { recursive: true });
  return answers;
}

/** Between an answer and the one that the description shows. */
function differences(
  { operationId, responses }: Described,
  example: string,
  status: number,
  answer: Answered,
): string[] {
  if (answer.status !== status)
    return [`${operationId} ${example}: ${answer.status} ${answer.body}`];
  const { headers = {}, content = {} } = responses[status] ?? {};
  const wrongHeaders = Object.entries(headers).flatMap(([name, { examples }]) => {
    const shown = examples?.[example]?.value;
    const is = answer.headers.get(name);
    return shown === undefined || is === shown
      ? []
      : [`${operationId} ${example}: ${name} is ${is}`];
  });
  const [media] = Object.entries(content).filter(([, { examples }]) => examples?.[example]);
  if (media === undefined) return wrongHeaders;
  const [type, { examples }] = media;
  const shown = examples?.[example]?.value;
  const is = type === "application/json" ? JSON.parse(answer.body) : answer.body.trim();
  return isAlike(shown, is, operationId)
    ? wrongHeaders
    : [...wrongHeaders, `${operationId} ${example}: ${answer.body}`];
}

/** The same, except for what is another each time. */
function isAlike(shown: unknown, is: unknown, operationId: string, name = ""): boolean {
  if (typeof shown !== typeof is || (shown === null) !== (is === null)) return false;
  if (typeof shown !== "object" || shown === null || typeof is !== "object" || is === null) {
    return shown === is || VARYING.has(name) || VARYING.has(`${operationId}.${name}`);
  }
  const names = Object.keys(shown);
  if (names.sort().join() !== Object.keys(is).sort().join()) return false;
  return names.every((member) =>
    isAlike(Reflect.get(shown, member), Reflect.get(is, member), operationId, member),
  );
}

/** Where a schema stands, with each value that an example beside it shows. */
function places(
  value: unknown,
  place: readonly string[] = [],
): { place: string[]; value: unknown }[] {
  if (typeof value !== "object" || value === null) return [];
  const { schema, examples } = value as { schema?: unknown; examples?: object };
  const shown =
    typeof schema !== "object" || schema === null
      ? []
      : Object.values(examples ?? {}).map((example: { value: unknown }) => ({
          place: [...place, "schema"],
          value: coerced(schema, example.value),
        }));
  const deeper = Object.entries(value)
    .filter(([name]) => name !== "examples" && name !== "schema")
    .flatMap(([name, member]) => places(member, [...place, name]));
  return [...shown, ...deeper];
}

/** A header is text, also where it holds a number. */
function coerced(schema: object, value: unknown): unknown {
  const isNumber = "type" in schema && schema.type === "integer";
  return isNumber && typeof value === "string" ? Number(value) : value;
}

function parameters(place: "path" | "query" | "header", type: string) {
  const found = contract.operations.flatMap((operation) =>
    (operation.parameters ?? [])
      .filter((one) => one.in === place && one.schema.type === type)
      .map(({ name, schema }) => ({ operation, parameter: name, schema })),
  );
  expect(found.length).toBeGreaterThan(0);
  return found;
}

/** As the first example of the operation, by an administrator, with other values for some parameters. */
async function send(
  { method, path, parameters: all = [], requestBody, security }: Described,
  values: Readonly<Record<string, string>>,
  text?: string,
): Promise<Answered> {
  const url = new URL(server.url);
  const needsToken = security.length > 0 && security.every((way) => Object.keys(way).length > 0);
  const headers = new Headers(needsToken ? { Authorization: server.adminToken } : {});
  url.pathname = path;
  // Nothing here is to wait.
  if (all.some(({ name }) => name === "timeout")) url.searchParams.set("timeout", "0");
  for (const { name, in: place, examples = {}, required } of all) {
    const value = values[name] ?? (required ? Object.values(examples)[0]?.value : undefined);
    if (value === undefined) continue;
    if (place === "query") url.searchParams.set(name, String(value));
    if (place === "header") headers.set(name, String(value));
    if (place === "path") {
      url.pathname = url.pathname.replace(
        encodeURI(`{${name}}`),
        encodeURIComponent(String(value)),
      );
    }
  }
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (type !== undefined) headers.set("Content-Type", type);
  const usual = Object.values(media?.examples ?? {})[0]?.value;
  const body = text ?? (typeof usual === "string" ? usual : JSON.stringify(usual));
  const answer = await fetch(url, { method: method.toUpperCase(), headers, body: body ?? null });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

/** The value with one thing wrong, or not, in every place of it. */
function spoiled(value: unknown): unknown[] {
  if (Array.isArray(value)) {
    return value.flatMap((member, index) => spoiled(member).map((bad) => value.with(index, bad)));
  }
  if (typeof value !== "object" || value === null) return [{ "": 0 }, [], -1.5, null];
  return [
    { ...value, unexpected: 1 },
    ...Object.entries(value).flatMap(([name, member]) => [
      Object.fromEntries(Object.entries(value).filter(([other]) => other !== name)),
      ...spoiled(member).map((bad) => ({ ...value, [name]: bad })),
    ]),
  ];
}

/** Commands that are good, nearly good and not good at all. */
function anyCommand(): fc.Arbitrary<unknown> {
  const name = fc.oneof(fc.constantFrom("", "a", "users/123"), fc.jsonValue());
  const members = {
    recordName: name,
    listName: name,
    eventName: name,
    rpcName: name,
    recordNames: fc.oneof(fc.array(fc.constantFrom("", "a")), fc.jsonValue()),
    names: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
    data: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
    path: fc.oneof(fc.constantFrom("", "a.b"), fc.jsonValue()),
    version: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.jsonValue()),
    other: fc.constant(1),
  };
  const some = fc.subarray(Object.keys(members) as (keyof typeof members)[], { maxLength: 4 });
  return some.chain((names) =>
    fc.record({
      topic: fc.constantFrom("event", "rpc", "presence", "record", "list", "other"),
      action: fc.constantFrom("emit", "make", "query", "read", "head", "write", "delete", "notify"),
      ...Object.fromEntries(names.map((member) => [member, members[member]])),
    }),
  );
}
