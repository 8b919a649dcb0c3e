// What core/access/user-store.ts promises, of whatever engine is behind it.

import { describe, expect, test } from "bun:test";
import type { StoredUser, UserStore } from "../../src/core/access/user-store.ts";
import type { Json } from "../../src/core/json.ts";
import type { OpenEngine, OpenWith } from "../support/open-engine.ts";
import { refusal } from "../support/refusal.ts";
import { upTo } from "./store-calls.ts";

type NewUser = Omit<StoredUser, "createdAt">;

export function userStoreSuite(open: OpenWith): void {
  describe("user store", () => {
    test("a user is found as added, with the time, also across a reopening", async () => {
      await using engine = await open();
      const before = Date.now();
      const user = userOf("a@b", { clientData: { name: "A" }, serverData: ["x", { y: null }] });
      expect(await engine.userStore.add(user)).toBe(true);
      const found = await engine.userStore.find("a@b");
      expect(found).toEqual({ ...user, createdAt: expect.any(Number) });
      expect(found?.createdAt).toBeWithin(before, Date.now() + 1);
      await using again = await engine.reopen();
      expect(await again.userStore.find("a@b")).toEqual(found!);
    });

    const values: [string, Json | undefined][] = [
      ["nothing", undefined],
      ["null", null],
      ["false", false],
      ["zero", 0],
      ["an empty string", ""],
      ["an empty object", {}],
      ["text that looks like JSON", '{"a":1}'],
      ["a member called binary", { binary: 0 }],
      ["text beyond the basic plane", { "😀": "日本\u0000" }],
    ];
    test.each(values)("data comes back as it was: %s", async (_, data) => {
      await using engine = await open();
      await engine.userStore.add(userOf("a@b", { clientData: data, serverData: data }));
      const found = await engine.userStore.find("a@b");
      expect([found?.clientData, found?.serverData]).toEqual([data, data]);
    });

    test("an address is there once: the second is not added, and changes nothing", async () => {
      await using engine = await open();
      const { userStore } = engine;
      const added = await Promise.all(
        upTo(5).map((n) => userStore.add(userOf("a@b", { id: `${n}` }))),
      );
      expect(added.filter(Boolean)).toHaveLength(1);
      const found = await userStore.find("a@b");
      expect(await userStore.add(userOf("a@b", { id: "other" }))).toBe(false);
      expect(await userStore.find("a@b")).toEqual(found!);
    });

    test("a removed user is gone, which is told once", async () => {
      await using engine = await open();
      const { userStore } = engine;
      await addAll(engine, ["a@b", "c@d"]);
      expect(await userStore.remove("a@b")).toBe(true);
      expect(await userStore.remove("a@b")).toBe(false);
      expect(await userStore.find("a@b")).toBeUndefined();
      expect(await emails(engine)).toEqual(["c@d"]);
      await using again = await engine.reopen();
      expect(await emails(again)).toEqual(["c@d"]);
    });

    test("an address that was removed can be added again", async () => {
      await using engine = await open();
      await addAll(engine, ["a@b"]);
      await engine.userStore.remove("a@b");
      expect(await engine.userStore.add(userOf("a@b", { id: "new" }))).toBe(true);
      expect((await engine.userStore.find("a@b"))?.id).toBe("new");
    });

    test("another password hash changes nothing else", async () => {
      await using engine = await open();
      const { userStore } = engine;
      await addAll(engine, ["a@b", "c@d"]);
      const before = await userStore.find("a@b");
      expect(await userStore.setPasswordHash("a@b", "other")).toBe(true);
      expect(await userStore.setPasswordHash("e@f", "other")).toBe(false);
      expect(await userStore.find("a@b")).toEqual({ ...before!, passwordHash: "other" });
      expect((await userStore.find("c@d"))?.passwordHash).toBe("hash");
      await using again = await engine.reopen();
      expect((await again.userStore.find("a@b"))?.passwordHash).toBe("other");
    });

    const changes: [string, (store: UserStore, email: string) => Promise<boolean>][] = [
      ["a removal", (store, email) => store.remove(email)],
      ["another password", (store, email) => store.setPasswordHash(email, "other")],
    ];
    test.each(changes)(
      "%s has ended the user's tokens when it resolves, also across a reopening",
      async (_, change) => {
        await using engine = await open();
        const { userStore, revocations } = engine;
        await addAll(engine, ["a@b", "c@d"]);
        const told: string[] = [];
        using _listener = revocations.onRevoke((id) => told.push(id));
        const before = Date.now();
        expect(await change(userStore, "a@b")).toBe(true);
        expect(await change(userStore, "e@f")).toBe(false);
        expect(told).toEqual(["user:id of a@b"]);
        const until = revocations.revokedUntil("user:id of a@b");
        expect(until).toBeWithin(before, Date.now() + 1);
        expect(revocations.revokedUntil("user:id of c@d")).toBeUndefined();
        await using again = await engine.reopen();
        expect(again.revocations.revokedUntil("user:id of a@b")).toBe(until);
      },
    );

    test("addresses come in bytewise order, in pages that go on after the last", async () => {
      await using engine = await open();
      const sorted = ["A@x", "__proto__@x", "a@x", "a\u0301@x", "é@x", "\uff5e@x", "😀@x"];
      await addAll(engine, sorted.toReversed());
      expect(await emails(engine)).toEqual(sorted);
      expect(await emails(engine, "", 2)).toEqual(["A@x", "__proto__@x"]);
      expect(await emails(engine, "__proto__@x", 2)).toEqual(["a@x", "a\u0301@x"]);
      expect(await emails(engine, "b", 9)).toEqual(["é@x", "\uff5e@x", "😀@x"]);
      expect(await emails(engine, "😀@x", 9)).toEqual([]);
    });

    test("no more users are added than allowed, and one that is removed makes room", async () => {
      await using engine = await open({ usersMax: 2 });
      await addAll(engine, ["a@b", "c@d"]);
      const error = await refusal(() => engine.userStore.add(userOf("e@f")));
      expect([error.code, error.limit]).toEqual(["limit_exceeded", "users_limit_exceeded"]);
      expect(await engine.userStore.add(userOf("a@b"))).toBe(false);
      await engine.userStore.remove("nobody@b");
      await refusal(() => engine.userStore.add(userOf("e@f")));
      await engine.userStore.remove("c@d");
      expect(await engine.userStore.add(userOf("e@f"))).toBe(true);
      await using again = await engine.reopen();
      await refusal(() => again.userStore.add(userOf("g@h")));
    });

    test("a closed engine takes no more users", async () => {
      await using engine = await open();
      await engine.close();
      expect((await refusal(() => engine.userStore.add(userOf("a@b")))).code).toBe("stopping");
    });
  });
}

function userOf(email: string, differing: Partial<NewUser> = {}): NewUser {
  return {
    email,
    id: `id of ${email}`,
    passwordHash: "hash",
    clientData: undefined,
    serverData: undefined,
    ...differing,
  };
}

async function addAll({ userStore }: OpenEngine, addresses: readonly string[]): Promise<void> {
  for (const email of addresses) await userStore.add(userOf(email));
}

async function emails({ userStore }: OpenEngine, after = "", limit = 100): Promise<string[]> {
  return (await userStore.list(after, limit)).map(({ email }) => email);
}
