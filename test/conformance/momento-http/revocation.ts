// DELETE /tokens/{id}: the end of all tokens of that id, of what they minted, and of the polls that wait by them.

import { beforeAll, describe, expect, test } from "bun:test";
import { type Client, entries, fresh, outline, upTo } from "./client.ts";
import { BAD_REQUEST, expectError, UNAUTHENTICATED } from "./expect-error.ts";

export function revocationRules(client: Client): void {
  describe("revocation", () => {
    let cache = "";
    beforeAll(async () => {
      cache = await client.makeCache();
    });

    function token(id: string, options: { token?: string } = {}): Promise<string> {
      return client.token([{ cache, topic: "*", role: "both" }], { token_id: id }, options);
    }

    async function revoke(id: string): Promise<void> {
      const answer = await client.send("DELETE", `/tokens/${encodeURIComponent(id)}`);
      expect(answer).toMatchObject({ status: 204, body: "" });
    }

    test("a revoked token is 401 at once, everywhere", async () => {
      const id = fresh("id");
      const revoked = await token(id);
      expect((await client.publish(cache, "t", "hi", { token: revoked })).status).toBe(204);
      await revoke(id);
      expectError(await client.publish(cache, "t", "hi", { token: revoked }), UNAUTHENTICATED, [revoked]);
      expectError(await client.subscribe(cache, "t", "", { token: revoked }), UNAUTHENTICATED, [revoked]);
      expectError(await client.send("GET", `/topics/${cache}`, { token: revoked }), UNAUTHENTICATED);
      expectError(await client.mint([], {}, { token: revoked }), UNAUTHENTICATED, [revoked]);
    });

    test("all tokens of the id end, and no others", async () => {
      const [id, other] = [fresh("id"), fresh("id")];
      const [one, two, stays] = [await token(id), await token(id), await token(other)];
      await revoke(id);
      const statuses = await Promise.all(
        [one, two, stays].map(async (each) => (await client.publish(cache, "t", "hi", { token: each })).status),
      );
      expect(statuses).toEqual([401, 401, 204]);
    });

    test("what the revoked token minted ends too, children's children included", async () => {
      const id = fresh("id");
      const parent = await token(id);
      const child = await token(fresh("child"), { token: parent });
      const grandchild = await token(fresh("grandchild"), { token: child });
      await revoke(id);
      for (const each of [child, grandchild]) {
        expectError(await client.subscribe(cache, "t", "", { token: each }), UNAUTHENTICATED, [each]);
      }
    });

    test("revoking a child leaves its parent", async () => {
      const [id, parent] = [fresh("id"), await token(fresh("parent"))];
      await token(id, { token: parent });
      await revoke(id);
      expect((await client.publish(cache, "t", "hi", { token: parent })).status).toBe(204);
    });

    test("a revoked token's waiting polls end with 401, those of others wait on", async () => {
      const [id, own] = [fresh("id"), await client.makeCache()];
      const permissions = [{ cache: own, topic: "*", role: "both" }];
      const revoked = await client.token(permissions, { token_id: id });
      const polls = upTo(3).map((index) => client.subscribe(own, `t${index}`, "", { token: revoked }));
      const stays = client.subscribe(own, "t1");
      await client.untilWaiters(own, 4);
      await revoke(id);
      for (const poll of polls) expectError(await poll, UNAUTHENTICATED, [revoked]);
      await client.untilWaiters(own, 1);
      await client.publishAll(own, "t1", ["a"]);
      expect(outline(entries(await stays))).toEqual([1]);
    });

    test("a token that is minted afterwards with the same id is good", async () => {
      const id = fresh("id");
      await token(id);
      await revoke(id);
      const later = await token(id);
      expect((await client.publish(cache, "t", "hi", { token: later })).status).toBe(204);
    });

    test("revoking again, or what never was, is 204", async () => {
      const id = fresh("ünknown/id 50%");
      await revoke(id);
      await revoke(id);
    });

    test.each(["%", "%zz", "%E0%A4%A", "%00"].map((id) => ({ id })))("the id $id is 400", async ({ id }) => {
      expectError(await client.send("DELETE", `/tokens/${id}`), BAD_REQUEST);
    });
  });
}
