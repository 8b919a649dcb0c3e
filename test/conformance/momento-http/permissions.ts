// Who may do what: permissions of tokens, and that they are asked before anything is told.

import { beforeAll, describe, expect, test } from "bun:test";
import { type Client, cachePath, fresh, topicPath } from "./client.ts";
import { expectError, FORBIDDEN, UNAUTHENTICATED } from "./expect-error.ts";

// What one permission allows: p to publish, s to subscribe. OWN is the cache that the tests use.
const SCOPES = [
  { cache: "OWN", topic: "*", role: "both", name: "any", may: "ps" },
  { cache: "OWN", topic: "*", role: "publish", name: "any", may: "p" },
  { cache: "OWN", topic: "*", role: "subscribe", name: "any", may: "s" },
  { cache: "*", topic: "*", role: "both", name: "any", may: "ps" },
  { cache: "*", topic: "room", role: "publish", name: "room", may: "p" },
  { cache: "*", topic: "room", role: "both", name: "rooms", may: "" },
  { cache: "OWN", topic: "room", role: "both", name: "room", may: "ps" },
  { cache: "OWN", topic: "room", role: "both", name: "Room", may: "" },
  { cache: "OWN", topic: "room", role: "both", name: "room1", may: "" },
  { cache: "OWN", topic: "room-*", role: "both", name: "room-1", may: "ps" },
  { cache: "OWN", topic: "room-*", role: "both", name: "room-", may: "ps" },
  { cache: "OWN", topic: "room-*", role: "both", name: "room", may: "" },
  { cache: "OWN", topic: "room-*", role: "both", name: "a room-1", may: "" },
  { cache: "OWN", topic: "room-*", role: "subscribe", name: "room-1/é", may: "s" },
  { cache: "OWN", topic: "é*", role: "publish", name: "ée", may: "p" },
  { cache: "another", topic: "*", role: "both", name: "any", may: "" },
];

const ADMIN_ONLY = [
  { method: "GET", path: "/caches" },
  { method: "GET", path: "/caches/CACHE" },
  { method: "PUT", path: "/caches/CACHE" },
  { method: "PUT", path: "/caches/new-CACHE" },
  { method: "DELETE", path: "/caches/CACHE" },
  { method: "GET", path: "/caches/unknown-CACHE" },
  { method: "DELETE", path: "/caches/unknown-CACHE" },
  { method: "DELETE", path: "/topics/CACHE/t" },
  { method: "DELETE", path: "/topics/CACHE/unknown" },
  { method: "DELETE", path: "/tokens/somebody" },
  { method: "POST", path: "/keys/rotate" },
];

export function permissionRules(client: Client): void {
  describe("permissions", () => {
    let cache = "";
    beforeAll(async () => {
      cache = await client.makeCache();
    });

    // Seed: "the Momento auth token passed in does not grant the required access to the resources".
    test.each(SCOPES)("$role on $cache/$topic: '$name' → '$may'", async (scope) => {
      const permission = {
        cache: scope.cache.replace("OWN", cache),
        topic: scope.topic,
        role: scope.role,
      };
      const token = await client.token([permission]);
      const published = await client.publish(cache, scope.name, "hi", { token });
      const read = await client.subscribe(cache, scope.name, "timeout=0", { token });
      const head = await client.send("HEAD", topicPath(cache, scope.name), { token });
      if (scope.may.includes("p")) expect(published.status).toBe(204);
      else expectError(published, FORBIDDEN, [token]);
      if (scope.may.includes("s")) expect(read.status).toBe(200);
      else expectError(read, FORBIDDEN, [token]);
      expect(head).toMatchObject({ status: scope.may.includes("s") ? 200 : 403, body: "" });
    });

    test("permissions of one token add up", async () => {
      const token = await client.token([
        { cache, topic: "in", role: "publish" },
        { cache, topic: "out*", role: "subscribe" },
      ]);
      const statuses = [
        (await client.publish(cache, "in", "hi", { token })).status,
        (await client.subscribe(cache, "in", "timeout=0", { token })).status,
        (await client.publish(cache, "out1", "hi", { token })).status,
        (await client.subscribe(cache, "out1", "timeout=0", { token })).status,
      ];
      expect(statuses).toEqual([204, 403, 403, 200]);
    });

    test("a refused publish stores nothing", async () => {
      const topic = fresh("quiet");
      const token = await client.token([{ cache, topic, role: "subscribe" }]);
      expectError(await client.publish(cache, topic, "hi", { token }), FORBIDDEN, [token]);
      expect(await client.read(cache, topic)).toEqual([]);
    });

    // Permission before existence: a 404 tells nothing to strangers.
    test("an unknown cache is 403 for whom it does not concern, and 404 for whom it does", async () => {
      const unknown = fresh("unknown");
      const stranger = await client.token([{ cache, topic: "*", role: "both" }]);
      expectError(await client.publish(unknown, "t", "hi", { token: stranger }), FORBIDDEN);
      expectError(await client.subscribe(unknown, "t", "", { token: stranger }), FORBIDDEN);
      expectError(await client.send("GET", `/topics/${unknown}`, { token: stranger }), FORBIDDEN);
      const welcome = await client.token([{ cache: unknown, topic: "*", role: "both" }]);
      expect((await client.subscribe(unknown, "t", "", { token: welcome })).status).toBe(404);
    });

    test("an unknown cache is 401 without a token", async () => {
      const unknown = fresh("unknown");
      expectError(await client.publish(unknown, "t", "hi", { token: null }), UNAUTHENTICATED);
      expectError(await client.subscribe(unknown, "t", "", { token: null }), UNAUTHENTICATED);
      expectError(await client.send("GET", `/topics/${unknown}`, { token: null }), UNAUTHENTICATED);
    });

    test.each(ADMIN_ONLY)("$method $path is for admin tokens only", async ({ method, path }) => {
      const own = await client.makeCache();
      await client.publishAll(own, "t", ["stays"]);
      const token = await client.token([{ cache: "*", topic: "*", role: "both" }]);
      const at = path.replace("CACHE", own);
      expectError(await client.send(method, at, { token }), FORBIDDEN, [token]);
      expectError(await client.send(method, at, { token: null }), UNAUTHENTICATED);
      expectError(await client.send(method, at, { token: "garbage" }), UNAUTHENTICATED);
      expect((await client.topicRow(own, "t"))?.last_sequence_number).toBe(1);
      expect((await client.send("GET", cachePath(`new-${own}`))).status).toBe(404);
    });
  });
}
