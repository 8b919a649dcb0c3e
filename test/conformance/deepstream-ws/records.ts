// Records between clients, and between clients and HTTP: reading, writing, conflicts, deletion and notify.

import { describe, expect, test } from "bun:test";
import { openTcpProxy } from "../../support/tcp-proxy.ts";
import { until } from "../../support/until.ts";
import { fresh, DeepstreamClient as HttpClient } from "../deepstream-http/client.ts";
import type { Target } from "../target.ts";
import type { Client, Clients } from "./clients.ts";
import { JSON_MODE } from "./events.ts";

export function records(clients: Clients, target: () => Target): void {
  const http = new HttpClient(target);
  const two = async () => [await clients.login("alice"), await clients.login("bob")] as const;

  describe("records", () => {
    test("what one writes the others have, whole, at a path and erased", async () => {
      const [alice, bob] = await two();
      const carol = await clients.login("carol", { path: "/deepstream-json", ...JSON_MODE });
      const name = fresh("r");
      const [mine, ...others] = await Promise.all([alice, bob, carol].map((c) => ready(c, name)));
      mine!.set({ a: 1, b: { c: [1, 2] } });
      mine!.set("b.c[1]", 5);
      mine!.erase("a");
      for (const other of others) {
        await until("the others have it", () => other.version === 3);
        expect(other.get()).toEqual({ b: { c: [1, 5] } });
      }
      await others[0]!.setWithAck("x.y[1]", { z: "é" });
      await until("back", () => mine!.version === 4);
      expect(mine!.get("x")).toEqual({ y: [null, { z: "é" }] });
      expect(await http.read(name)).toEqual({
        success: true,
        version: 4,
        data: { b: { c: [1, 5] }, x: { y: [null, { z: "é" }] } },
      });
    });

    test("a write over HTTP reaches subscribers with its version, in order, and the other way round", async () => {
      const [alice, bob] = await two();
      const name = fresh("r");
      const [mine, other] = [await ready(alice, name), await ready(bob, name)];
      const heard: unknown[] = [];
      other.subscribe("n", (n: unknown) => heard.push(n));
      for (let n = 1; n <= 20; n += 1) {
        if (n % 2 === 0) await http.write(name, n, { path: "n", version: n });
        else await mine.setWithAck("n", n);
        await until("both have it", () => mine.version === n && other.version === n);
      }
      expect(heard).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
      const many = Array.from({ length: 100 }, (_, n) => ({
        ...{ topic: "record", action: "write", recordName: name, path: "n", data: 21 + n },
      }));
      await http.batch(many);
      await until("all", () => heard.length === 120);
      expect(heard).toEqual(Array.from({ length: 120 }, (_, n) => n + 1));
      expect([mine.version, mine.get("n")]).toEqual([120, 120]);
      expect([...alice.errors, ...bob.errors]).toEqual([]);
    });

    test("has, head and snapshot tell of what is there and what is not", async () => {
      const alice = await clients.login("alice");
      const name = fresh("r");
      expect(await alice.record.has(name)).toBe(false);
      expect(await alice.record.head(name)).toBe(-1);
      expect(await caught(alice.record.snapshot(name))).toBe("RECORD_NOT_FOUND");
      await alice.record.setDataWithAck(name, { q: 2 });
      expect(await alice.record.snapshot(name)).toEqual({ q: 2 });
      expect(await alice.record.has(name)).toBe(true);
      expect(await alice.record.head(name)).toBe(1);
      await alice.record.setDataWithAck(name, "q", 3 as never);
      alice.record.setData(name, "q", undefined as never);
      await until("erased", async () => (await http.read(name)).version === 3);
      expect(await alice.record.snapshot(name)).toEqual({});
    });

    test("what one has written itself is in what it reads at once", async () => {
      const alice = await clients.login("alice");
      for (let round = 0; round < 20; round += 1) {
        const name = fresh("r");
        alice.record.setData(name, { round });
        const record = await ready(alice, name);
        expect([record.version, record.get()]).toEqual([1, { round }]);
      }
    });

    test("of two who write the same version one wins, and the other merges", async () => {
      const [alice, bob] = await two();
      const name = fresh("r");
      const [mine, other] = [await ready(alice, name), await ready(bob, name)];
      for (let round = 0; round < 5; round += 1) {
        mine.set("who", `alice ${round}`);
        other.set("who", `bob ${round}`);
        await until("both agree with the store", async () => {
          const { version, data } = await http.read(name);
          const agree = (one: typeof mine) =>
            one.version === version && Bun.deepEquals(one.get(), data);
          return agree(mine) && agree(other);
        });
        // A client reads the record once more when it loses: its answer must not come after its next write.
        for (const client of [alice, bob]) await client.record.has(fresh("nothing"));
      }
    });

    test("a merge strategy of the client's own decides what becomes of a conflict", async () => {
      const [alice, bob] = await two();
      const name = fresh("r");
      const merged: Client[] = [];
      for (const client of [alice, bob]) {
        const both = (mine: object, _: number, theirs: object, ___: number, done: Merged) => {
          merged.push(client);
          done(null, { ...theirs, ...mine });
        };
        client.record.setMergeStrategy(name, both as never);
      }
      const [mine, other] = [await ready(alice, name), await ready(bob, name)];
      mine.set("a", 1);
      other.set("b", 2);
      await until("both", async () => {
        const { data } = await http.read(name);
        return Bun.deepEquals(data, { a: 1, b: 2 });
      });
      // The client that merged may take back in its own copy what it has sent: its own answer to a read comes late.
      const theirs = merged.includes(alice) ? other : mine;
      await until("the one that did not merge", () => Bun.deepEquals(theirs.get(), { a: 1, b: 2 }));
      expect(merged).not.toBeEmpty();
    });

    test("a deletion reaches all who have the record, who can have it anew", async () => {
      const [alice, bob] = await two();
      const name = fresh("r");
      const [mine, other] = [await ready(alice, name), await ready(bob, name)];
      await mine.setWithAck({ a: 1 });
      let isDeleted = false;
      other.on("delete", () => {
        isDeleted = true;
      });
      await mine.delete();
      await until("the other hears", () => isDeleted);
      await http.expectMissing(name);
      const again = await ready(bob, name);
      expect([again.version, again.get()]).toEqual([0, {}]);
      await http.slot({ topic: "record", action: "delete", recordName: name });
      await until("deleted over HTTP", () => again.isReady === false || isGone(bob, name));
    });

    test("after discarding nothing comes", async () => {
      const [alice, bob] = await two();
      const name = fresh("r");
      const [mine, other] = [await ready(alice, name), await ready(bob, name)];
      other.discard();
      await mine.setWithAck("a", 1);
      await bob.rpc.make("nobody", null).catch(() => undefined);
      expect(bob.errors.filter((error) => error !== "NO_RPC_PROVIDER")).toEqual([]);
    });

    test("lists and anonymous records work as they do elsewhere", async () => {
      const [alice, bob] = await two();
      const name = fresh("list");
      const [mine, other] = [alice.record.getList(name), bob.record.getList(name)];
      for (const list of [mine, other]) await (list as never as Ready).whenReady();
      const added: string[] = [];
      other.on("entry-added", (entry: string) => added.push(entry));
      mine.setEntries(["x", "y"]);
      mine.addEntry("z", 0);
      await until("added", () => added.includes("z"));
      expect(other.getEntries()).toEqual(["z", "x", "y"]);
      const listed = await http.slot({ topic: "list", action: "read", listName: name });
      expect(listed).toMatchObject({ data: ["z", "x", "y"], version: 2 });
      const anonymous = alice.record.getAnonymousRecord();
      const [one, second] = [fresh("r"), fresh("r")];
      await http.write(one, { n: 1 });
      await http.write(second, { n: 2 });
      const seen: unknown[] = [];
      anonymous.subscribe("n", (n: unknown) => seen.push(n));
      await anonymous.setName(one);
      await anonymous.setName(second);
      await until("both", () => seen.includes(2));
      expect(anonymous.get("n")).toBe(2);
    });

    test("a change behind everybody's back is told by a notify", async () => {
      const [alice, bob] = await two();
      const name = fresh("r");
      const mine = await ready(alice, name);
      await mine.setWithAck({ a: 1 });
      const stored = `${target().url.replace(/\/$/, "")}/records?name=${encodeURIComponent(name)}`;
      const headers = { authorization: target().adminToken };
      const replace = (data: unknown, version: number) =>
        fetch(stored, { method: "PUT", headers, body: JSON.stringify({ data, version }) });
      await replace({ b: 2 }, 2);
      expect(await bob.record.head(name)).toBe(2);
      expect([mine.version, mine.get()]).toEqual([1, { a: 1 }]);
      await bob.record.notify([name]);
      await until("told", () => mine.version === 2);
      expect(mine.get()).toEqual({ b: 2 });
      await replace({ c: 3 }, 3);
      await http.slot({ topic: "record", action: "notify", recordNames: [name] });
      await until("told over HTTP", () => mine.version === 3);
      let isDeleted = false;
      mine.on("delete", () => {
        isDeleted = true;
      });
      await fetch(stored, { method: "DELETE", headers });
      await fetch(stored.replace("?", "/notify?"), { method: "POST", headers });
      await until("gone", () => isDeleted);
    });

    test("several thousand are had at once, and all of them", async () => {
      const [alice] = await two();
      const eager = await clients.login("eager", { subscriptionInterval: 50 });
      const prefix = fresh("many");
      await http.batch(
        Array.from({ length: 1000 }, (_, n) => ({
          ...{ topic: "record", action: "write", recordName: `${prefix}/${n}`, data: { n } },
        })),
      );
      const all = Array.from({ length: 3000 }, (_, n) => eager.record.getRecord(`${prefix}/${n}`));
      await Promise.all(all.map((record) => (record as never as Ready).whenReady()));
      expect(all.map((record) => record.version)).toEqual(
        Array.from({ length: 3000 }, (_, n) => (n < 1000 ? 1 : 0)),
      );
      await alice.record.setDataWithAck(`${prefix}/2999`, { last: true });
      await until("the last", () => all[2999]!.get("last") === true);
      expect(eager.errors).toEqual([]);
    });
  });

  describe("records of a connection that was cut", () => {
    test("are what they became meanwhile, and what was written offline is there", async () => {
      using proxy = openTcpProxy(target().url);
      const alice = await clients.login("alice", {}, proxy.url);
      const bob = await clients.login("bob");
      const [name, quiet, offline] = [fresh("r"), fresh("r"), fresh("r")];
      const mine = await ready(alice, name);
      const still = await ready(alice, quiet);
      const written = await ready(alice, offline);
      // The client takes for a conflict what it wrote without a connection.
      const ours = (data: object, _: number, __: object, ___: number, done: Merged) =>
        done(null, data);
      alice.record.setMergeStrategy(offline, ours as never);
      await still.setWithAck({ still: true });
      proxy.cut(true);
      await until("it is noticed", () => String(alice.getConnectionState()) !== "OPEN");
      await bob.record.setDataWithAck(name, { meanwhile: 1 });
      written.set("offline", true);
      proxy.mend();
      await until("alice has it", () => mine.get("meanwhile") === 1);
      await until("the server has it", async () => {
        const { data } = await http.read(offline);
        return (data as { offline?: boolean }).offline === true;
      });
      await bob.record.setDataWithAck(quiet, { still: false });
      await until("and what comes later", () => still.get("still") === false);
      expect(mine.version).toBe(1);
    });
  });

  describe("listening", () => {
    test("a record is offered to a listener, and its subscribers know that they have a provider", async () => {
      const [alice, bob] = await two();
      const prefix = fresh("prov");
      const asked: string[] = [];
      const stopped: string[] = [];
      bob.record.listen(`^${prefix}/.*`, (name: string, response: Response) => {
        asked.push(name);
        response.onStop(() => stopped.push(name));
        if (name.endsWith("/no")) response.reject();
        else response.accept();
      });
      const mine = await ready(alice, `${prefix}/1`);
      await until("a provider", () => mine.hasProvider === true);
      const later = await ready(await clients.login("carol"), `${prefix}/1`);
      await until("one that comes later", () => later.hasProvider === true);
      const none = await ready(alice, `${prefix}/no`);
      await until("asked", () => asked.length === 2);
      expect(none.hasProvider).toBe(false);
      bob.close();
      await until("no provider", () => mine.hasProvider === false);
      expect(asked).toEqual([`${prefix}/1`, `${prefix}/no`]);
    });
  });
}

type Merged = (error: null, data: object) => void;

interface Response {
  accept(): void;
  reject(): void;
  onStop(callback: () => void): void;
}

interface Ready {
  whenReady(): Promise<unknown>;
}

async function ready(client: Client, name: string) {
  const record = client.record.getRecord(name);
  await record.whenReady();
  return record;
}

function isGone(client: Client, name: string): boolean {
  return !(client.record as never as { recordCores: Map<string, unknown> }).recordCores?.has(name);
}

async function caught(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (cause) {
    return cause;
  }
}
