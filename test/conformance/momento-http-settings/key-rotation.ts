// POST /keys/rotate: new tokens by a new key; old ones stay good unless they are to end.

import { describe, expect, test } from "bun:test";
import { entries, outline, upTo } from "../momento-http/answers.ts";
import type { Client } from "../momento-http/client.ts";
import { BAD_REQUEST, expectError, UNAUTHENTICATED } from "../momento-http/expect-error.ts";
import { bareJwt, parseJwt } from "../momento-http/tokens.ts";
import type { OpenWith } from "../target.ts";
import { withServer } from "./with-server.ts";

export function keyRotationRules(open: OpenWith): void {
  describe("key rotation", () => {
    test("new tokens have the new kid, old ones stay good, and so do their polls", async () => {
      await withServer(open, {}, async (client) => {
        const cache = await client.makeCache();
        const old = await anyToken(client, cache);
        const poll = client.subscribe(cache, "t", "", { token: old });
        await client.untilWaiters(cache, 1);
        const answer = await client.send("POST", "/keys/rotate");
        expect(answer.status).toBe(200);
        const { kid } = JSON.parse(answer.body);
        const fresher = await anyToken(client, cache);
        expect(kidOf(fresher)).toBe(kid);
        expect(kidOf(old)).not.toBe(kid);
        expect(await client.waiters(cache)).toBe(1);
        expect((await client.publish(cache, "t", "a", { token: old })).status).toBe(204);
        expect((await client.publish(cache, "t", "b", { token: fresher })).status).toBe(204);
        expect(outline(entries(await poll))).toEqual([1]);
      });
    });

    test("revoke_old ends every old token and the polls that wait by them", async () => {
      await withServer(open, {}, async (client) => {
        const cache = await client.makeCache();
        const old = await anyToken(client, cache);
        const poll = client.subscribe(cache, "t", "", { token: old });
        await client.untilWaiters(cache, 1);
        const answer = await client.send("POST", "/keys/rotate", { body: '{"revoke_old":true}' });
        expect(answer.status).toBe(200);
        expectError(await poll, UNAUTHENTICATED, [old]);
        expectError(await client.publish(cache, "t", "a", { token: old }), UNAUTHENTICATED, [old]);
        expectError(await client.send("GET", "/caches"), UNAUTHENTICATED, [client.adminToken]);
        expect((await client.send("GET", "/health", { token: null })).status).toBe(200);
      });
    });

    test("no old token slips through while the keys change", async () => {
      await withServer(open, {}, async (client) => {
        const cache = await client.makeCache();
        const old = await Promise.all(upTo(200).map(() => anyToken(client, cache)));
        const publish = (token: string) => client.publish(cache, "t", "a", { token });
        const before = old.slice(0, 100).map(publish);
        const rotated = client.send("POST", "/keys/rotate", { body: '{"revoke_old":true}' });
        const after = old.slice(100).map(publish);
        expect((await rotated).status).toBe(200);
        await Promise.all([...before, ...after]);
        const statuses = (await Promise.all(old.map(publish))).map((answer) => answer.status);
        expect(statuses).toEqual(statuses.map(() => 401));
      });
    });

    test("a body that is neither empty nor understood is 400 and rotates nothing", async () => {
      await withServer(open, {}, async (client) => {
        const before = kidOf(await anyToken(client, "c"));
        for (const body of ["{", "[]", "true", '{"revoke_old":"yes"}', '{"revoke_old":1}']) {
          expectError(await client.send("POST", "/keys/rotate", { body }), BAD_REQUEST);
        }
        expect(kidOf(await anyToken(client, "c"))).toBe(before);
      });
    });
  });
}

function anyToken(client: Client, cache: string): Promise<string> {
  return client.token([{ cache, topic: "*", role: "both" }]);
}

function kidOf(token: string): unknown {
  return { kid: undefined, ...parseJwt(bareJwt(token)).header }.kid;
}
