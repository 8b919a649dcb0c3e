// The names of records by GET, page by page.

import { describe, expect, test } from "bun:test";
import { type DeepstreamClient, expectPlain, fresh } from "./client.ts";
import { remove, write } from "./commands.ts";

type Page = {
  readonly records: readonly { name: string; version: number; bytes: number }[];
  readonly next: string | null;
};

const BAD_QUERIES = [
  "limit=0",
  "limit=1001",
  "limit=-1",
  "limit=x",
  "limit=",
  "limit=1.5",
  "limit=1e2",
  "limit=1&limit=2",
  "prefix=a&prefix=b",
  "after=a&after=b",
];

export function recordListRules(client: DeepstreamClient): void {
  const page = async (query: Readonly<Record<string, string>>): Promise<Page> => {
    const answer = await client.get(`/api/records?${new URLSearchParams(query)}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(answer.body).toEndWith("\r\n\r\n");
    return JSON.parse(answer.body);
  };
  const namesOf = ({ records }: Page) => records.map(({ name }) => name);
  const made = async (tails: readonly string[]) => {
    const prefix = fresh("list-");
    await client.batch(tails.map((tail) => write(prefix + tail, { tail })));
    return prefix;
  };

  describe("records by GET", () => {
    test("are names with versions and bytes", async () => {
      const prefix = await made(["a", "b"]);
      await client.write(`${prefix}a`, { ü: 1 });
      expect(await page({ prefix })).toEqual({
        records: [
          { name: `${prefix}a`, version: 2, bytes: 8 },
          { name: `${prefix}b`, version: 1, bytes: 12 },
        ],
        next: null,
      });
    });

    test("stand in bytewise order, from the prefix itself on", async () => {
      const tails = ["", "/", "0", "A", "a", "a/", "aa", "z", "é", "中", "\uff5e", "😀"];
      const prefix = await made([...tails].reverse());
      expect(namesOf(await page({ prefix }))).toEqual(tails.map((tail) => prefix + tail));
      expect(namesOf(await page({ prefix: `${prefix}a` }))).toEqual(
        ["a", "a/", "aa"].map((tail) => prefix + tail),
      );
      expect(await page({ prefix: `${prefix}no` })).toEqual({ records: [], next: null });
    });

    test("come in pages that join without a gap or a repetition", async () => {
      const tails = Array.from({ length: 23 }, (_, n) => String(n).padStart(3, "0"));
      const prefix = await made(tails);
      for (const limit of [1, 7, 22, 23, 24]) {
        const names: string[] = [];
        for (let after = ""; ; ) {
          const { records, next } = await page({ prefix, after, limit: String(limit) });
          expect(records.length).toBeLessThanOrEqual(limit);
          names.push(...records.map(({ name }) => name));
          if (next === null) break;
          expect(next).toBe(names.at(-1) ?? "");
          after = next;
        }
        expect(names).toEqual(tails.map((tail) => prefix + tail));
      }
    });

    test("are a hundred where the limit is not said, and a thousand at most", async () => {
      const prefix = await made(Array.from({ length: 1001 }, (_, n) => String(n).padStart(4, "0")));
      const first = await page({ prefix });
      expect(first.records).toHaveLength(100);
      expect(first.next).toBe(`${prefix}0099`);
      const most = await page({ prefix, limit: "1000" });
      expect(most.records).toHaveLength(1000);
      expect(most.next).toBe(`${prefix}0999`);
    });

    test("come after a name that need not exist, within the prefix", async () => {
      const prefix = await made(["a", "b", "c"]);
      expect(namesOf(await page({ prefix, after: `${prefix}aa` }))).toEqual([
        `${prefix}b`,
        `${prefix}c`,
      ]);
      expect(namesOf(await page({ prefix, after: `${prefix}c` }))).toEqual([]);
      expect(namesOf(await page({ prefix, after: "" }))).toHaveLength(3);
      expect(namesOf(await page({ prefix, after: "\uffff" }))).toEqual([]);
    });

    test("are gone from it when they are deleted", async () => {
      const prefix = await made(["a", "b"]);
      await client.slot(remove(`${prefix}a`));
      expect(namesOf(await page({ prefix }))).toEqual([`${prefix}b`]);
    });

    test("take % and _ in a prefix as they are", async () => {
      const prefix = await made(["%a", "_a", "xa"]);
      expect(namesOf(await page({ prefix: `${prefix}%` }))).toEqual([`${prefix}%a`]);
      expect(namesOf(await page({ prefix: `${prefix}_` }))).toEqual([`${prefix}_a`]);
    });

    test.each(BAD_QUERIES)("?%s is refused", async (query) => {
      expectPlain(await client.get(`/api/records?${query}`), 400, /query parameter/);
    });

    test("parameters of other names do not count", async () => {
      const prefix = await made(["a"]);
      expect(namesOf(await page({ prefix, x: "1", body: "[]", "": "" }))).toEqual([`${prefix}a`]);
    });

    test("by HEAD have no body", async () => {
      const head = await client.send("HEAD", "/api/records?limit=1");
      expect(head).toMatchObject({ status: 200, body: "" });
    });
  });
}
