// What a command must look like; one that does not takes the whole request with it, and nothing runs.

import { describe, expect, test } from "bun:test";
import { batchOf, type DeepstreamClient, expectPlain, fresh } from "./client.ts";
import { DONE, read, write } from "./commands.ts";

/** As JSON text; `NAME` is a name that nothing else has. */
const GOOD: readonly string[] = [
  '{"topic":"event","action":"emit","eventName":"NAME"}',
  ...["null", "0", '""', "false", "[]", "{}", '"text"', '{"a":[1,{"b":null}]}'].map(
    (data) => `{"topic":"event","action":"emit","eventName":"NAME","data":${data}}`,
  ),
  '{"topic":"record","action":"write","recordName":"NAME","data":{}}',
  '{"topic":"record","action":"write","recordName":"NAME","data":[]}',
  '{"topic":"record","action":"write","recordName":"NAME","data":[1,null,"x"]}',
  ...["-1", "0", "-0", "1", "1.0", "1e0"].map(
    (version) =>
      `{"topic":"record","action":"write","recordName":"NAME","data":{},"version":${version}}`,
  ),
  ...["null", "1", '"x"', "true", "[]", "{}"].map(
    (data) => `{"topic":"record","action":"write","recordName":"NAME","path":"a.b","data":${data}}`,
  ),
  '{"topic":"record","action":"write","recordName":"NAME","path":"a","data":1,"version":1}',
  '{"topic":"record","action":"write","recordName":"NAME","path":"","data":{"a":1}}',
  '{"topic":"record","action":"head","recordName":"NAME"}',
  '{"topic":"record","action":"delete","recordName":"NAME"}',
  '{"topic":"record","action":"notify","recordNames":["NAME"]}',
  '{"topic":"record","action":"notify","recordNames":[]}',
  '{"topic":"list","action":"delete","listName":"NAME"}',
  '{"topic":"list","action":"write","listName":"NAME","data":[]}',
  '{"topic":"list","action":"write","listName":"NAME","data":["a","a",""]}',
  '{"topic":"list","action":"write","listName":"NAME","data":["a"],"version":1}',
  '{"topic":"presence","action":"query"}',
  '{"topic":"presence","action":"query","names":[]}',
  '{"topic":"presence","action":"query","names":["NAME","NAME",""]}',
];

const NOT_NAMES = ['""', "1", "null", "true", '["a"]', "{}"];
const NOT_VERSIONS = ["-2", "1.5", '"5"', "null", "true", "[]", "1e400", "-1e400"];

const BAD: readonly string[] = [
  ...["null", "1", '"x"', "true", "[]", '[{"topic":"presence","action":"query"}]', "{}"],
  ...['"EVENT"', '"Event"', '"foo"', '""', "5", "null", '["event"]', '{"event":1}'].map(
    (topic) => `{"topic":${topic},"action":"emit","eventName":"NAME"}`,
  ),
  '{"action":"emit","eventName":"NAME"}',
  ...['"EMIT"', '"publish"', '""', "5", "null", '"toString"', '"__proto__"'].map(
    (action) => `{"topic":"event","action":${action},"eventName":"NAME"}`,
  ),
  '{"topic":"event","eventName":"NAME"}',
  '{"topic":"event","action":"emit"}',
  '{"topic":"event","action":"emit","event":"NAME"}',
  '{"topic":"event","action":"emit","eventName":"NAME","foo":1}',
  '{"topic":"event","action":"emit","eventName":"NAME","version":1}',
  '{"topic":"event","action":"emit","eventName":"NAME","__proto__":1}',
  '{"topic":"event","action":"emit","eventName":"NAME","constructor":1}',
  '{"__proto__":{"topic":"event","action":"emit","eventName":"NAME"}}',
  '{"__proto__":{"eventName":"NAME"},"topic":"event","action":"emit"}',
  ...NOT_NAMES.map((name) => `{"topic":"event","action":"emit","eventName":${name}}`),
  '{"topic":"rpc","action":"make"}',
  '{"topic":"rpc","action":"provide","rpcName":"NAME"}',
  '{"topic":"rpc","action":"make","rpcName":"NAME","path":"a"}',
  ...NOT_NAMES.map((name) => `{"topic":"rpc","action":"make","rpcName":${name}}`),
  ...["read", "head", "delete"].flatMap((action) => [
    `{"topic":"record","action":"${action}"}`,
    `{"topic":"record","action":"${action}","listName":"NAME"}`,
    `{"topic":"record","action":"${action}","recordName":"NAME","version":1}`,
    `{"topic":"record","action":"${action}","recordName":"NAME","path":"a"}`,
    `{"topic":"record","action":"${action}","recordName":"NAME","data":{}}`,
    ...NOT_NAMES.map((name) => `{"topic":"record","action":"${action}","recordName":${name}}`),
  ]),
  '{"topic":"record","action":"write","recordName":"NAME"}',
  '{"topic":"record","action":"write","recordName":"NAME","version":1}',
  '{"topic":"record","action":"write","data":{}}',
  ...["1", '"x"', "null", "true"].map(
    (data) => `{"topic":"record","action":"write","recordName":"NAME","data":${data}}`,
  ),
  ...NOT_NAMES.map((name) => `{"topic":"record","action":"write","recordName":${name},"data":{}}`),
  ...NOT_VERSIONS.map(
    (version) =>
      `{"topic":"record","action":"write","recordName":"NAME","data":{},"version":${version}}`,
  ),
  ...NOT_VERSIONS.map(
    (version) =>
      `{"topic":"record","action":"write","recordName":"NAME","path":"a","data":1,"version":${version}}`,
  ),
  ...["1", "null", "[]", "{}", "true"].map(
    (path) => `{"topic":"record","action":"write","recordName":"NAME","path":${path},"data":{}}`,
  ),
  '{"topic":"record","action":"write","recordName":"NAME","path":"a"}',
  '{"topic":"record","action":"write","recordName":"NAME","data":{},"config":{"writeAck":true}}',
  '{"topic":"record","action":"write","recordName":"NAME","data":{},"__proto__":{"version":1}}',
  '{"topic":"record","action":"update","recordName":"NAME","data":{}}',
  '{"topic":"record","action":"notify"}',
  '{"topic":"record","action":"notify","recordName":"NAME"}',
  ...['"NAME"', "{}", "null", "[1]", "[null]", '[["NAME"]]', '[""]'].map(
    (names) => `{"topic":"record","action":"notify","recordNames":${names}}`,
  ),
  '{"topic":"list","action":"head","listName":"NAME"}',
  '{"topic":"list","action":"read","recordName":"NAME"}',
  ...NOT_NAMES.map((name) => `{"topic":"list","action":"read","listName":${name}}`),
  '{"topic":"list","action":"write","listName":"NAME"}',
  ...["{}", '"a"', "null", "[1]", "[null]", '[["a"]]', '[{"willFail":true}]', '["a",1]'].map(
    (data) => `{"topic":"list","action":"write","listName":"NAME","data":${data}}`,
  ),
  '{"topic":"list","action":"write","listName":"NAME","data":["a"],"path":"a"}',
  '{"topic":"presence","action":"subscribe"}',
  '{"topic":"presence","action":"query","parameters":["a"]}',
  ...['"a"', "null", "{}", "[1]", "[null]"].map(
    (names) => `{"topic":"presence","action":"query","names":${names}}`,
  ),
];

export function commandFormRules(client: DeepstreamClient): void {
  describe("commands", () => {
    test.each(GOOD)("%s runs", async (form) => {
      const command = form.replaceAll("NAME", fresh("form"));
      const { result, body } = batchOf(await client.post("/api", `{"body":[${command}]}`));
      expect({ result, body }).toMatchObject({ result: "SUCCESS", body: [DONE] });
    });

    test.each(BAD)("%s is refused, and nothing beside it runs", async (form) => {
      const name = fresh("form");
      const before = JSON.stringify(write(`${name}/beside`, {}));
      const command = form.replaceAll("NAME", name);
      const answer = await client.post("/api", `{"body":[${before},${command},${before}]}`);
      expectPlain(
        answer,
        400,
        /^Failed to parse JIF object at index 1\. Reason: .{5,200}\r\n\r\n$/,
      );
      const { body } = await client.batch([read(name), read(`${name}/beside`)]);
      expect(body).toMatchObject([{ success: false }, { success: false }]);
    });

    test("the first bad one is named", async () => {
      const answer = await client.run([write(fresh("form"), {}), {}, { topic: "foo" }]);
      expectPlain(
        answer,
        400,
        "Failed to parse JIF object at index 1. Reason: property 'topic' is required",
      );
    });

    test("a member's name is not sent back at any length", async () => {
      const command = { topic: "presence", action: "query", ["k".repeat(500_000)]: 1 };
      const answer = await client.run([command]);
      expectPlain(
        answer,
        400,
        /^Failed to parse JIF object at index 0\. Reason: .{5,200}\r\n\r\n$/,
      );
    });
  });
}
