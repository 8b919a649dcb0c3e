// What core/access/token-ports.ts promises of revocations and signing keys, of whatever engine is behind it.

import { describe, expect, test } from "bun:test";
import { makeSigningKey } from "../../src/core/access/signing-key.ts";
import type { OpenWith } from "../support/open-engine.ts";
import { upTo } from "./store-calls.ts";

export function revocationStoreSuite(open: OpenWith): void {
  describe("revocation store", () => {
    test("a revocation covers what was issued until now, and is in the view when it resolves", async () => {
      await using engine = await open();
      const { revocations } = engine;
      expect(revocations.revokedUntil("id")).toBeUndefined();
      const before = Date.now();
      await revocations.revoke("id");
      expect(revocations.revokedUntil("id")).toBeWithin(before, Date.now() + 1);
    });

    test("a revocation is there across a reopening", async () => {
      await using engine = await open();
      await engine.revocations.revoke("id");
      const until = engine.revocations.revokedUntil("id");
      await using again = await engine.reopen();
      expect(again.revocations.revokedUntil("id")).toBe(until);
    });

    test("a later revocation covers more, also in the same millisecond", async () => {
      await using engine = await open();
      const { revocations } = engine;
      let last = 0;
      for (const _ of upTo(20)) {
        await revocations.revoke("id");
        const until = revocations.revokedUntil("id")!;
        expect(until).toBeGreaterThan(last);
        last = until;
      }
      await using again = await engine.reopen();
      expect(again.revocations.revokedUntil("id")).toBe(last);
    });

    test("no other id is touched, whatever ids look like", async () => {
      await using engine = await open();
      await engine.revocations.revoke("a");
      for (const id of ["", "A", "a ", "__proto__", "constructor", "😀"]) {
        expect(engine.revocations.revokedUntil(id)).toBeUndefined();
        await engine.revocations.revoke(id);
        expect(engine.revocations.revokedUntil(id)).toBeNumber();
      }
    });
  });
}

export function keyStoreSuite(open: OpenWith): void {
  describe("key store", () => {
    test("the first load makes a key of 256 random bits, and the next ones give the same", async () => {
      await using engine = await open();
      const [key, ...others] = engine.keys.load();
      expect(others).toEqual([]);
      expect(Buffer.from(key!.secret, "base64url")).toHaveLength(32);
      expect(engine.keys.load()).toEqual([key!]);
      await using again = await engine.reopen();
      expect(again.keys.load()).toEqual([key!]);
    });

    test("no two engines have the same key", async () => {
      await using one = await open();
      await using other = await open();
      expect(one.keys.load()[0]!.secret).not.toBe(other.keys.load()[0]!.secret);
    });

    test("what is saved replaces what was there, in its order, also across a reopening", async () => {
      await using engine = await open();
      const keys = [makeSigningKey(2), ...engine.keys.load(), makeSigningKey(1)];
      engine.keys.save(keys);
      expect(engine.keys.load()).toEqual(keys);
      engine.keys.save(keys.slice(0, 1));
      await using again = await engine.reopen();
      expect(again.keys.load()).toEqual(keys.slice(0, 1));
    });
  });
}
