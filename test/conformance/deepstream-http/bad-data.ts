// Data, names and paths that nobody means well with: an error in their own slot, and nothing is stored.

import { describe, expect, test } from "bun:test";
import { batchOf, type DeepstreamClient, fresh, slotOf } from "./client.ts";
import { DONE, found, patch, query, read, write, writeList } from "./commands.ts";

const nested = (levels: number, open = "[", close = "]") =>
  open.repeat(levels) + close.repeat(levels);

/** JSON text of data. */
const BAD_DATA: readonly [string, string][] = [
  ["nested 10,000 deep", nested(10_000)],
  ["nested 101 deep", nested(101)],
  ["objects nested 10,000 deep", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`],
  ["nested deep beside what is not", `[1,{"a":${nested(10_000)}},2]`],
  ["the first half of a pair", '{"a":"\\ud800"}'],
  ["the second half of a pair", '["\\udc00x"]'],
  ["halves the wrong way round", '["\\udc00\\ud800"]'],
  ["half a pair as a member", '{"\\ud83d":1}'],
  ["half a pair behind backslashes", '["\\\\\\ud83d"]'],
  ["__proto__ as a member", '{"__proto__":{"polluted":1}}'],
  ["__proto__ as a member deep inside", '{"a":[{"b":{"__proto__":1}}]}'],
  ["__proto__ spelt with escapes", '{"\\u005f\\u005fproto\\u005f\\u005f":1}'],
  ["more than a record holds", `["${"x".repeat(1_048_576)}"]`],
];

const GOOD_DATA: readonly [string, string, unknown][] = [
  ["nested 100 deep", nested(100), JSON.parse(nested(100))],
  ["whole pairs", '["\\ud83d\\ude00"]', ["😀"]],
  ["what looks like half a pair", '["\\\\ud83d"]', ["\\ud83d"]],
  ["__proto__ as text", '["__proto__",",\\"__proto__\\":"]', ["__proto__", ',"__proto__":']],
  ["constructor as a member", '{"constructor":{"prototype":1}}', { constructor: { prototype: 1 } }],
  ["two members of one name", '{"a":1,"b":2,"a":3}', { a: 3, b: 2 }],
  ["a member without a name", '{"":1}', { "": 1 }],
  ["null characters", '{"\\u0000":"\\u0000"}', { "\0": "\0" }],
  ["line separators", '["\\u2028\\u2029"]', ["\u2028\u2029"]],
  ["U+FFFD and other non-characters", '["\\ufffd\\uffff"]', ["\ufffd\uffff"]],
  ["numbers too large for a double", "[1e400,-1e400]", [null, null]],
  ["numbers too small for a double", "[1e-400]", [0]],
  ["minus zero", "[-0]", [0]],
  ["a whole number beyond 2^53", "[9007199254740993]", [9007199254740992]],
  ["numbers of many spellings", "[1.0,1e2,1E-2,0.10]", [1, 100, 0.01, 0.1]],
];

const BAD_NAMES: readonly [string, string][] = [
  ["a megabyte", "n".repeat(1_000_000)],
  ["1025 bytes", "n".repeat(1025)],
  ["1024 characters that are more bytes", `${"n".repeat(1023)}é`],
  ["a null character", "a\\u0000b"],
  ["a line end", "a\\nb"],
  ["a control character of Latin-1", "a\\u0085b"],
  ["half a pair", "a\\ud800"],
];

const BAD_PATHS: readonly string[] = [
  ...[".", " ", "..", " . "],
  ...["__proto__", "__proto__.x", "a.__proto__.x", "a[0].__proto__", "__proto__[0]"],
  ...["constructor.prototype.x", "a.constructor", "prototype"],
  ...["a[-1]", "a[1.5]", "a[foo]", "a[]", "a[", "a]", "a[NaN]", "a[Infinity]", "a[1e400]"],
  ...["a[100001]", "a[200000000]", "a[4294967295]", "a[9007199254740993]", "a[60000][60000]"],
  ...['["x"]', "a[0]b", "a\\ud800", Array(101).fill("a").join("."), "a.".repeat(100_000)],
];

export function badDataRules(client: DeepstreamClient): void {
  const run = (commands: readonly string[]) => client.post("/api", `{"body":[${commands.join()}]}`);

  describe("bad data", () => {
    test.each(BAD_DATA)("%s fails in its slot, and nothing is stored", async (_, data) => {
      const name = fresh("bad");
      const target = `"topic":"record","action":"write","recordName":"${name}"`;
      const commands = [`{${target},"data":${data}}`, `{${target},"path":"a","data":${data}}`];
      for (const command of commands) {
        const before = JSON.stringify(write(`${name}/beside`, {}));
        if (command.length > 1_048_000) continue;
        const { result, body } = batchOf(await run([before, command, before]));
        expect(result).toBe("PARTIAL_SUCCESS");
        expect(body).toEqual([DONE, failed("record"), DONE]);
      }
      await client.expectMissing(name);
    });

    test.each(BAD_DATA.filter(([, data]) => data.length < 1_000_000))(
      "%s fails as the data of an event and of an RPC",
      async (_, data) => {
        const emit = `{"topic":"event","action":"emit","eventName":"x","data":${data}}`;
        const call = `{"topic":"rpc","action":"make","rpcName":"x","data":${data}}`;
        const { body } = batchOf(await run([emit, call]));
        expect(body).toEqual([failed("event"), failed("rpc")]);
      },
    );

    test.each(GOOD_DATA)(
      "%s is kept as JSON.parse and JSON.stringify do",
      async (_, data, kept) => {
        const name = fresh("good");
        const command = `{"topic":"record","action":"write","recordName":"${name}","data":${data}}`;
        expect(slotOf(await run([command]))).toEqual(DONE);
        expect(await client.read(name)).toEqual(found(1, kept));
      },
    );

    test("entries of lists are checked as well", async () => {
      const name = fresh("bad");
      const command = `{"topic":"list","action":"write","listName":"${name}","data":["\\ud800"]}`;
      expect(slotOf(await run([command]))).toEqual(failed("record"));
      await client.expectMissing(name);
    });

    test.each(BAD_NAMES)("%s is no name, for anything that has one", async (_, name) => {
      const commands = [
        `{"topic":"event","action":"emit","eventName":"${name}"}`,
        `{"topic":"rpc","action":"make","rpcName":"${name}"}`,
        ...["read", "head", "delete"].map(
          (action) => `{"topic":"record","action":"${action}","recordName":"${name}"}`,
        ),
        `{"topic":"record","action":"write","recordName":"${name}","data":{}}`,
        `{"topic":"record","action":"write","recordName":"${name}","path":"a","data":{}}`,
        `{"topic":"record","action":"notify","recordNames":["fine","${name}"]}`,
        `{"topic":"list","action":"write","listName":"${name}","data":[]}`,
      ];
      const beside = JSON.stringify(query());
      for (const command of commands) {
        const { body } = batchOf(await run([command, beside]));
        expect(body).toEqual([
          failed(JSON.parse(command).topic.replace("list", "record")),
          { success: true, users: [] },
        ]);
      }
    });

    test.each([
      "__proto__",
      "constructor",
      "toString",
      "hasOwnProperty",
      ".",
      "..",
      "*",
      "a/b",
      " ",
    ])("%j is a name like any other", async (tail) => {
      // Names of records are not kept in objects, nor in paths of files.
      const name = tail === " " || tail.includes("/") ? `${fresh("odd")}${tail}` : tail;
      const { body } = await client.batch([
        { topic: "record", action: "delete", recordName: name },
        write(name, { a: 1 }),
        read(name),
        { topic: "event", action: "emit", eventName: name },
        writeList(name, ["__proto__"]),
        read(name),
      ]);
      const kept = [found(1, { a: 1 }), DONE, DONE, found(2, ["__proto__"])];
      expect(body).toEqual([DONE, DONE, ...kept]);
    });

    test("asking for users by odd names answers for each, in the members of an object", async () => {
      const answer = await client.run([query(["__proto__", "constructor", "", "x", "x"])]);
      const users = '{"__proto__":false,"constructor":false,"":false,"x":false}';
      expect(answer.body).toContain(`"users":${users}`);
      const half = '{"topic":"presence","action":"query","names":["x","\\ud800"]}';
      expect(slotOf(await run([half]))).toEqual(failed("presence", "INVALID_PRESENCE_USERS"));
    });

    test.each(BAD_PATHS.map((path) => [path.slice(0, 40), path]))(
      "%s is no path",
      async (_, path) => {
        const name = fresh("path");
        const text = `{"topic":"record","action":"write","recordName":"${name}","path":"${path}","data":1}`;
        const command = path.includes('"') ? JSON.stringify(patch(name, path, 1)) : text;
        expect(slotOf(await run([command]))).toEqual(failed("record"));
        await client.expectMissing(name);
        await client.write(name, { a: [] });
        expect(slotOf(await run([command]))).toEqual(failed("record"));
        expect(await client.read(name)).toEqual(found(1, { a: [] }));
      },
    );

    test("a path that asks an array for a name says which, in whole characters", async () => {
      const name = fresh("path");
      const { body } = await client.batch([
        write(name, []),
        patch(name, `${"x".repeat(63)}😀`, 1),
        read(name),
      ]);
      expect(body).toEqual([DONE, failed("record"), found(1, [])]);
      expect(JSON.stringify(body)).not.toContain("\\ud");
    });

    test("no path reaches what objects inherit", async () => {
      await client.batch([
        patch(fresh("path"), "__proto__.polluted", 1),
        patch(fresh("path"), "constructor.prototype.polluted", 1),
        patch(fresh("path"), "a.__proto__ .polluted", 1),
      ]);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      // A server that was poisoned would find members in every command.
      expect(await client.slot(query())).toEqual({ success: true, users: [] });
    });
  });
}

function failed(errorTopic: string, errorEvent: unknown = expect.any(String)) {
  return { success: false, error: expect.stringMatching(/^.{10,200}$/), errorTopic, errorEvent };
}
