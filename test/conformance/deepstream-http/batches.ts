// Commands of one batch: their order, what they see of each other, and that each stands for itself.

import { describe, expect, test } from "bun:test";
import { type DeepstreamClient, fresh } from "./client.ts";
import {
  call,
  conflict,
  DONE,
  emit,
  found,
  head,
  missing,
  noProvider,
  notify,
  patch,
  query,
  read,
  readList,
  remove,
  removeList,
  write,
  writeList,
} from "./commands.ts";

export function batchRules(client: DeepstreamClient): void {
  describe("batches", () => {
    test("commands see the effects of those before them", async () => {
      const x = fresh("x");
      const { result, body } = await client.batch([
        ...[read(x), head(x), write(x, { a: 1 }), read(x), head(x)],
        ...[patch(x, "b[1]", 2), read(x), write(x, { c: 3 }, 3), read(x)],
        ...[write(x, { d: 4 }, 3), head(x), remove(x), head(x), read(x)],
        ...[remove(x), patch(x, "e", null, 1), read(x)],
      ]);
      expect(result).toBe("PARTIAL_SUCCESS");
      expect(body).toEqual([
        ...[missing(x), version(-1), DONE, found(1, { a: 1 }), version(1)],
        ...[DONE, found(2, { a: 1, b: [null, 2] }), DONE, found(3, { c: 3 })],
        ...[conflict("VERSION_EXISTS", x, 3, { c: 3 }), version(3), DONE, version(-1), missing(x)],
        ...[DONE, DONE, found(1, { e: null })],
      ]);
    });

    test("lists are records, and see each other's effects", async () => {
      const x = fresh("list");
      const { body } = await client.batch([
        ...[readList(x), writeList(x, ["a"]), readList(x), read(x), patch(x, "[1]", "b")],
        ...[writeList(x, ["c"], 1), removeList(x), readList(x), write(x, { no: "list" })],
        ...[readList(x)],
      ]);
      expect(body).toMatchObject([
        ...[missing(x), DONE, found(1, ["a"]), found(1, ["a"]), { success: false }],
        ...[conflict("VERSION_EXISTS", x, 1, ["a"]), DONE, missing(x), DONE],
        ...[found(1, { no: "list" })],
      ]);
    });

    test("writes of one record are applied in their order, however many", async () => {
      const x = fresh("x");
      const writes = Array.from({ length: 3000 }, (_, n) =>
        n % 3 === 0 ? patch(x, "last", n) : write(x, { last: n }),
      );
      const { result, body } = await client.batch([...writes, read(x)]);
      expect(result).toBe("SUCCESS");
      expect(body).toHaveLength(3001);
      expect(body.at(-1)).toEqual(found(3000, { last: 2999 }));
    });

    test("a failing command takes no neighbour with it", async () => {
      const x = fresh("x");
      const bad = [
        ...[write(x, {}, 7), patch(x, "[-1]", 1), read(`${x}/missing`), call("nobody")],
        ...[write("\0", {}), emit("\0"), head("\0"), remove("\0"), notify(["\0"])],
      ];
      const { result, body } = await client.batch(
        bad.flatMap((command, n) => [command, write(`${x}/${n}`, { n })]),
      );
      expect(result).toBe("PARTIAL_SUCCESS");
      expect(body.map(({ success }) => success)).toEqual(bad.flatMap(() => [false, true]));
      const { body: reads } = await client.batch(bad.map((_, n) => read(`${x}/${n}`)));
      expect(reads).toEqual(bad.map((_, n) => found(1, { n })));
    });

    test("answers line up with commands of every kind", async () => {
      const x = fresh("x");
      const kinds = [
        [emit("e", { a: 1 }), DONE],
        [call("nobody", 1), noProvider("nobody")],
        [query(), { success: true, users: [] }],
        [query(["a"]), { success: true, users: { a: false } }],
        [notify([x, x]), DONE],
        [read(x), missing(x)],
        [readList(x), missing(x)],
        [head(x), version(-1)],
        [remove(x), DONE],
      ] as const;
      const rows = Array.from({ length: 100 }, (_, n) => kinds[(n * 7) % kinds.length] ?? kinds[0]);
      const { body } = await client.batch(rows.map(([command]) => command));
      expect(body).toEqual(rows.map(([, answer]) => answer));
    });

    test("the result says whether all, some or none succeeded", async () => {
      const x = fresh("x");
      expect((await client.batch([emit("x")])).result).toBe("SUCCESS");
      expect((await client.batch([emit("x"), head(x)])).result).toBe("SUCCESS");
      expect((await client.batch([emit("x"), read(x)])).result).toBe("PARTIAL_SUCCESS");
      expect((await client.batch([read(x), emit("x")])).result).toBe("PARTIAL_SUCCESS");
      expect((await client.batch([read(x)])).result).toBe("FAILURE");
      expect((await client.batch([read(x), call("nobody")])).result).toBe("FAILURE");
    });

    test("data that looks like a failure is none", async () => {
      const x = fresh("x");
      const data = { success: false, error: "x" };
      const { result, body } = await client.batch([write(x, data), read(x)]);
      expect({ result, body }).toEqual({ result: "SUCCESS", body: [DONE, found(1, data)] });
    });

    test("writers of the same version at once have exactly one winner", async () => {
      const x = fresh("x");
      for (let next = 1; next <= 5; next += 1) {
        const slots = await Promise.all(
          Array.from({ length: 20 }, (_, writer) => client.slot(write(x, { writer }, next))),
        );
        const winner = slots.findIndex(({ success }) => success);
        expect(slots.filter(({ success }) => success)).toHaveLength(1);
        const lost = conflict("VERSION_EXISTS", x, next, { writer: winner });
        for (const slot of slots.filter(({ success }) => !success)) expect(slot).toEqual(lost);
      }
    });
  });
}

function version(number: number) {
  return { success: true, version: number };
}
