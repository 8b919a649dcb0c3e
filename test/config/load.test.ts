// Which source of settings wins, and that each can say everything.

import { describe, expect, test } from "bun:test";
import { parseArgs } from "node:util";
import { type Static, type TSchema, Type, TypeGuard } from "@sinclair/typebox";
import fc from "fast-check";
import { flagOptions } from "../../src/config/flags.ts";
import { loadSettings, readSettings, type Sources } from "../../src/config/load.ts";
import { Settings } from "../../src/config/schema.ts";
import { listSettings } from "../../src/config/setting.ts";

const nothing: Sources = { environment: {}, flags: {} };

describe("precedence", () => {
  const fileText = "[http]\nport = 1";
  const environment = { MILLRACE_HTTP_PORT: "2" };
  const rows: [string, Partial<Sources>, number][] = [
    ["a flag wins over all", { fileText, environment, flags: { port: "3" } }, 3],
    ["the environment wins over the file", { fileText, environment }, 2],
    ["the file wins over the default", { fileText }, 1],
    ["the default stands where nobody says otherwise", {}, 7070],
    ["an empty variable says nothing", { fileText, environment: { MILLRACE_HTTP_PORT: "" } }, 1],
    [
      "a variable that is not set says nothing",
      { fileText, environment: { MILLRACE_HTTP_PORT: undefined } },
      1,
    ],
    ["the last of a repeated flag counts", { flags: { port: ["3", "4"] } }, 4],
    ["the bounds are allowed", { flags: { "http-port": "65535" } }, 65535],
    ["zero is not absent", { fileText, environment: { MILLRACE_HTTP_PORT: "0" } }, 0],
  ];
  test.each(rows)("%s", (_, sources, port) => {
    expect(settingsOf(sources).http.port).toBe(port);
  });

  const origins = '[http]\norigins = ["https://a"]';
  const lists: [string, Partial<Sources>, string[]][] = [
    ["a list in the file", { fileText: origins }, ["https://a"]],
    [
      "a list in the environment replaces it",
      { fileText: origins, environment: { MILLRACE_HTTP_ORIGINS: "https://b, https://c" } },
      ["https://b", "https://c"],
    ],
    [
      "flags lengthen a list",
      { fileText: origins, flags: { "http-origins": ["https://b,https://c", "https://d"] } },
      ["https://b", "https://c", "https://d"],
    ],
    ["an empty flag empties a list", { fileText: origins, flags: { "http-origins": [""] } }, []],
  ];
  test.each(lists)("%s", (_, sources, expected) => {
    expect(settingsOf(sources).http.origins).toEqual(expected);
  });

  test("an empty flag takes back a text that is empty by default", () => {
    const fileText = '[http]\npublic_endpoint = "a.example"';
    expect(
      settingsOf({ fileText, flags: { "http-public-endpoint": "" } }).http.public_endpoint,
    ).toBe("");
  });

  test("what is loaded shares nothing with the defaults", () => {
    settingsOf({}).http.origins.push("https://a");
    expect(settingsOf({}).http.origins).toEqual([]);
  });
});

test("any right settings come back the same from file, environment and flags", () => {
  const settings = listSettings(Settings);
  const someValues = fc.record(
    Object.fromEntries(settings.map(({ key, schema }) => [key, valuesOf(schema)])),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(someValues, (values) => {
      const given = settings.filter(({ key }) => values[key] !== undefined);
      const fileText = given.map(
        ({ path, key }) => `${path.join(".")} = ${JSON.stringify(values[key])}\n`,
      );
      const fromFile = readSettings(Settings, { ...nothing, fileText: fileText.join("") });
      const environment = Object.fromEntries(
        given.map((setting) => [setting.environment, String(values[setting.key])]),
      );
      const fromEnvironment = readSettings(Settings, { ...nothing, environment });
      const args = given.map(({ flag, key }) => argumentOf(flag, values[key]));
      const flags = parseArgs({ args, options: flagOptions(), allowNegative: true }).values;
      expect(fromFile.problems).toEqual([]);
      expect(fromEnvironment).toEqual(fromFile);
      expect(readSettings(Settings, { ...nothing, flags })).toEqual(fromFile);
    }),
  );
});

describe("a schema with sections in sections", () => {
  const schema = Type.Object({
    deepstream: Type.Object({
      auth: Type.Array(Type.Union([Type.Literal("open"), Type.Literal("email")]), {
        default: ["open"],
      }),
      auth_data: Type.Boolean({ default: false }),
      webhook: Type.Object({
        codes: Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), { default: [200] }),
        retry: Type.Object({ attempts: Type.Integer({ default: 3, minimum: 0, maximum: 9 }) }),
      }),
    }),
  });
  const expected: Static<typeof schema>["deepstream"] = {
    auth: ["email", "open"],
    auth_data: true,
    webhook: { codes: [200, 204], retry: { attempts: 5 } },
  };

  test("is read from a file", () => {
    const fileText =
      '[deepstream]\nauth = ["email", "open"]\nauth_data = true\n[deepstream.webhook]\ncodes = [200, 204]\n[deepstream.webhook.retry]\nattempts = 5';
    expect(readSettings(schema, { ...nothing, fileText }).settings).toEqual({
      deepstream: expected,
    });
  });

  test("is read from the environment", () => {
    const environment = {
      MILLRACE_DEEPSTREAM_AUTH: "email,open",
      MILLRACE_DEEPSTREAM_AUTH_DATA: "true",
      MILLRACE_DEEPSTREAM_WEBHOOK_CODES: "200,204",
      MILLRACE_DEEPSTREAM_WEBHOOK_RETRY_ATTEMPTS: "5",
    };
    expect(readSettings(schema, { ...nothing, environment }).settings).toEqual({
      deepstream: expected,
    });
  });

  test("is read from flags, where a switch can be turned on and off", () => {
    const options = flagOptions(listSettings(schema));
    const args =
      "--deepstream-auth email --deepstream-auth open --deepstream-auth-data --deepstream-webhook-codes 200,204 --deepstream-webhook-retry-attempts 5";
    const on = parseArgs({ args: args.split(" "), options, allowNegative: true }).values;
    expect(readSettings(schema, { ...nothing, flags: on }).settings).toEqual({
      deepstream: expected,
    });
    const off = parseArgs({
      args: ["--no-deepstream-auth-data"],
      options,
      allowNegative: true,
    }).values;
    const fileText = "[deepstream]\nauth_data = true";
    expect(
      readSettings(schema, { ...nothing, fileText, flags: off }).settings.deepstream.auth_data,
    ).toBe(false);
  });

  test("has its problems named by their places", () => {
    const fileText = "[deepstream.webhook]\ncodes = [20]\n[deepstream.webhook.retri]\n";
    const environment = {
      MILLRACE_DEEPSTREAM_AUTH_DATA: "yes",
      MILLRACE_DEEPSTREAM_AUTH: "open,file",
    };
    expect(
      readSettings(schema, { ...nothing, fileText, fileName: "m.toml", environment }).problems,
    ).toEqual([
      "[deepstream.webhook] codes in m.toml has the item 20; each item must be a whole number from 100 to 599.",
      "[deepstream.webhook.retri] in m.toml is unknown; did you mean [deepstream.webhook.retry]?",
      'MILLRACE_DEEPSTREAM_AUTH has the item "file"; each item must be one of "open", "email".',
      'MILLRACE_DEEPSTREAM_AUTH_DATA is "yes"; it must be true or false.',
    ]);
  });
});

test("every section and kind of setting of the schema can be written in a file", () => {
  const fileText = `
[deepstream]
auth = ["email", "file", "webhook", "open"]
auth_data = true
origins = ["https://a"]
[deepstream.email]
sign_up = true
[deepstream.webhook]
retry_status_codes = []
promote_to_header = ["token", "X-Key"]
[deepstream.login]
address_failures = 0
[records]
depth_max = 1000
[limits]
user_commands_per_second = 5`;
  const { deepstream, records, limits } = settingsOf({ fileText });
  expect(deepstream).toMatchObject({
    auth: ["email", "file", "webhook", "open"],
    auth_data: true,
    origins: ["https://a"],
    token_hours: 24,
    email: { sign_up: true },
    webhook: { retry_status_codes: [], promote_to_header: ["token", "X-Key"] },
    login: { address_failures: 0 },
  });
  expect([records.depth_max, limits.user_commands_per_second]).toEqual([1000, 5]);
});

test("the defaults of deepstreamHub's API are those that its users know", () => {
  const { deepstream } = settingsOf({});
  expect(deepstream).toMatchObject({
    auth: ["open"],
    permissions: "",
    post_path: "/api",
    auth_path: "/api/auth",
    auth_data: false,
    token_hours: 24,
    origins: [],
    http: { request_timeout_ms: 20_000, body_bytes_max: 1_048_576 },
    email: { sign_up: false },
    file: { path: "users.yml" },
    webhook: { url: "http://127.0.0.1:6098/", timeout_ms: 2000, permitted_status_codes: [200] },
    rpc: { ack_timeout_ms: 1000, response_timeout_ms: 10_000 },
  });
});

test("files beside the configuration are found from the file, but not from elsewhere", () => {
  const resolvePath = (path: string) => `/etc/${path}`;
  const fileText = '[deepstream.file]\npath = "a.yml"';
  const pathOf = (sources: Partial<Sources>) =>
    settingsOf({ resolvePath, ...sources }).deepstream.file.path;
  expect(pathOf({ fileText })).toBe("/etc/a.yml");
  expect(pathOf({ fileText: "" })).toBe("/etc/users.yml");
  expect(pathOf({ fileText, environment: { MILLRACE_DEEPSTREAM_FILE_PATH: "b" } })).toBe("b");
  expect(pathOf({ fileText, flags: { "deepstream-file-path": "c" } })).toBe("c");
  expect(settingsOf({ resolvePath }).deepstream.permissions).toBe("");
});

test("it is known which settings somebody gave a value, be it the default", () => {
  const { stated } = readSettings(Settings, {
    fileText: '[deepstream]\nauth = ["open"]\ntoken_hours = 0',
    environment: { MILLRACE_HTTP_PORT: "7070", MILLRACE_LOG_LEVEL: "" },
    flags: { region: "eu", data: undefined },
  });
  expect([...stated].sort()).toEqual(["[deepstream] auth", "[http] port", "region"]);
});

function settingsOf(sources: Partial<Sources>): Settings {
  const loaded = loadSettings({ ...nothing, ...sources });
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  return loaded.settings;
}

function argumentOf(flag: string, value: unknown): string {
  if (typeof value === "boolean") return value ? `--${flag}` : `--no-${flag}`;
  return `--${flag}=${String(value)}`;
}

function valuesOf(schema: TSchema): fc.Arbitrary<unknown> {
  if (TypeGuard.IsInteger(schema)) {
    return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 0 });
  }
  if (TypeGuard.IsUnion(schema)) {
    return fc.constantFrom(...schema.anyOf.map((choice): unknown => choice.const));
  }
  if (TypeGuard.IsBoolean(schema)) return fc.boolean();
  if (TypeGuard.IsArray(schema)) {
    const bounds = { minLength: 1, maxLength: Math.min(5, schema.maxItems ?? 5) };
    const items = valuesOf(schema.items);
    return schema.uniqueItems === true ? fc.uniqueArray(items, bounds) : fc.array(items, bounds);
  }
  const host = fc.domain();
  if (schema.format === "region") return fc.stringMatching(/^[a-z0-9-]{1,64}$/);
  if (schema.format === "origin") return host.map((name) => `https://${name.toLowerCase()}`);
  if (schema.format === "network") {
    const v4 = fc.tuple(fc.ipV4(), fc.nat(32)).map(([ip, bits]) => `${ip}/${bits}`);
    const v6 = fc.tuple(fc.ipV6(), fc.nat(128)).map(([ip, bits]) => `${ip}/${bits}`);
    return fc.oneof(fc.ipV4(), fc.ipV6(), v4, v6);
  }
  if (schema.format === "urlPath") return fc.stringMatching(/^(\/[a-z0-9_~-]{1,20}){1,5}$/);
  if (schema.format === "url") return host.map((name) => `https://${name}/keys`);
  if (schema.format === "line") return fc.string({ minLength: 1, maxLength: 50 });
  return host;
}
