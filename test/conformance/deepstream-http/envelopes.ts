// What surrounds the commands: the checks of a request in their order, of which the first that fails answers.

import { describe, expect, test } from "bun:test";
import { batchOf, type DeepstreamClient, expectPlain, fresh } from "./client.ts";
import { emit, query, write } from "./commands.ts";

const NO_JSON = 'Invalid "Content-Type" header. Supported media types: "application/json"';
const NO_BODY = 'Invalid message: the "body" parameter must exist.';
const NOT_AN_ARRAY = 'Invalid message: the "body" parameter must be a non-empty array of Objects.';
const NO_AUTH_DATA = "Authentication using authData is disabled. Try using a token instead.";
const NOT_A_TOKEN = 'Invalid message: the "token" parameter must be a non-empty string';
const NO_USER = "Unsuccessful authentication attempt.";
const NO_PARSE = /^Failed to parse body of request: .+\r\n\r\n$/;
const NO_COMMAND = /^Failed to parse JIF object at index 0\. Reason: .+\r\n\r\n$/;

const TYPES_OF_JSON = [
  "application/json",
  "application/json; charset=utf-8",
  "application/json;charset=UTF-8",
  'application/json; charset="utf-8"',
  "Application/JSON",
  "application/json; x=y",
];

const TYPES_OF_OTHERS = [
  "text/plain",
  "text/json",
  "application/vnd.api+json",
  "application/jsonp",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/json, text/plain",
  "json",
];

/** Each row fails a check and the one after it too. */
const ORDER: readonly [
  string,
  Readonly<Record<string, string>>,
  string,
  number,
  string | RegExp,
][] = [
  ["type before parsing", { "Content-Type": "text/plain" }, "{", 415, NO_JSON],
  ["parsing before shape", {}, '{"body":', 400, NO_PARSE],
  ["shape before credentials", {}, '{"authData":1}', 400, NO_BODY],
  ["shape before the token", {}, '{"token":5,"body":[]}', 400, NOT_AN_ARRAY],
  ["shape before who it is", {}, '{"token":"x","body":{}}', 400, NOT_AN_ARRAY],
  ["credentials before the token", {}, '{"authData":1,"token":5,"body":[1]}', 400, NO_AUTH_DATA],
  ["the token before who it is", {}, '{"token":"","body":[1]}', 400, NOT_A_TOKEN],
  ["who it is before commands", {}, '{"token":"no such token","body":[1]}', 401, NO_USER],
  ["commands last", {}, '{"body":[1]}', 400, NO_COMMAND],
];

const SHAPES: readonly [string, string | RegExp][] = [
  ["", NO_BODY],
  ["{}", NO_BODY],
  ["[]", NO_BODY],
  ['["a","2","3.5"]', NO_BODY],
  ['[{"topic":"presence","action":"query"}]', NO_BODY],
  ...["null", "0", "false", '""'].map((body): [string, string] => [`{"body":${body}}`, NO_BODY]),
  ...["1", "true", '"x"', "{}", '{"0":{}}', '{"length":1}', "[]"].map((body): [string, string] => [
    `{"body":${body}}`,
    NOT_AN_ARRAY,
  ]),
  ['{"__proto__":{"body":[{"topic":"presence","action":"query"}]}}', NO_BODY],
  ['{"Body":[{"topic":"presence","action":"query"}]}', NO_BODY],
  ...["123", "null", "true", '"foo"', "foo", "{", "}", "[", "{]", "{'a':1}", "{}{}", "{},"].map(
    (text): [string, RegExp] => [text, NO_PARSE],
  ),
  ["body=%5B%5D", NO_PARSE],
  ['{"body":[{"topic":"presence","action":"query"}]} x', NO_PARSE],
  ['{"body":[{"topic":"presence","action":"query"},]}', NO_PARSE],
  ['{"body":[{"topic":"presence","action":"query"\u0000}]}', NO_PARSE],
  ['{"body":[{"topic":"event","action":"emit","eventName":"a\nb"}]}', NO_PARSE],
  ...["5", "null", '""', "true", "[]", "{}", '["x"]'].map((token): [string, string] => [
    `{"token":${token},"body":[{"topic":"presence","action":"query"}]}`,
    NOT_A_TOKEN,
  ]),
  ...["{}", "null", "[]", '"x"', '{"username":"x"}', '{"__proto__":{"username":"x"}}'].map(
    (data): [string, string] => [
      `{"authData":${data},"body":[{"topic":"presence","action":"query"}]}`,
      NO_AUTH_DATA,
    ],
  ),
];

export function envelopeRules(client: DeepstreamClient): void {
  describe("envelopes", () => {
    test.each(TYPES_OF_JSON)("the type %s is JSON", async (type) => {
      const answer = await client.post("/api", { body: [query()] }, { "Content-Type": type });
      expect(batchOf(answer).result).toBe("SUCCESS");
    });

    test.each(TYPES_OF_OTHERS)("the type %s is not, for commands and for logins", async (type) => {
      for (const path of ["/api", "/api/v1", "/api/auth", "/api/v1/auth"]) {
        const answer = await client.post(path, { body: [query()] }, { "Content-Type": type });
        expectPlain(answer, 415, NO_JSON);
      }
    });

    test("nor is none", async () => {
      const answer = await client.send("POST", "/api", {
        headers: { "Content-Type": "" },
        body: new TextEncoder().encode('{"body":[]}'),
      });
      expectPlain(answer, 415, NO_JSON);
    });

    test.each(ORDER)("%s", async (_, headers, body, status, text) => {
      expectPlain(await client.post("/api", body, headers), status, text);
    });

    test.each(SHAPES)("%s", async (body, text) => {
      expectPlain(await client.post("/api", body), 400, text);
    });

    test.each(["{", "123", "null", '"x"'])("a login of %s cannot be parsed", async (body) => {
      expectPlain(await client.post("/api/auth", body), 400, NO_PARSE);
    });

    test("a login is an object", async () => {
      expectPlain(await client.post("/api/auth", "[]"), 400, /object/);
      expectPlain(await client.post("/api/auth", '[{"username":"x"}]'), 400, /object/);
    });

    test("nothing runs when who it is from is not known", async () => {
      const name = fresh("envelope");
      for (const token of ["x", "a.b.c", "e30.e30.x", `${await client.token({})}x`]) {
        expectPlain(await client.run([write(name, {})], token), 401, NO_USER);
      }
      await client.expectMissing(name);
    });

    test("unknown members beside the commands do not count, whatever they are called", async () => {
      for (const member of ["foo", "__proto__", "constructor", "toString"]) {
        const text = `{"${member}":{"token":5,"polluted":1},"body":[${JSON.stringify(emit("x"))}]}`;
        expect(batchOf(await client.post("/api", text)).result).toBe("SUCCESS");
      }
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    });

    test("of two members with the same name the last counts", async () => {
      const text = `{"body":[],"body":[${JSON.stringify(query())}]}`;
      expect(batchOf(await client.post("/api", text)).result).toBe("SUCCESS");
      const swapped = `{"body":[${JSON.stringify(query())}],"body":[]}`;
      expectPlain(await client.post("/api", swapped), 400, NOT_AN_ARRAY);
    });
  });
}
