// DELETE /tokens/{id}: the end of all tokens of that id, of what they minted, and of the polls that wait by them.

import { beforeAll, describe, expect, test } from "bun:test";
import { entries, outline, upTo } from "./answers.ts";
import { type Client, fresh, type Permission } from "./client.ts";
import { BAD_REQUEST, expectError, UNAUTHENTICATED } from "./expect-error.ts";
import { bareJwt, parseJwt } from "./tokens.ts";

export function revocationRules(client: Client): void {
  describe("revocation", () => {
    let cache = "";
    beforeAll(async () => {
      cache = await client.makeCache();
    });

    function permissions(): Permission[] {
      return [{ cache, topic: "*", role: "both" }];
    }

    function token(id: string): Promise<string> {
      return client.token(permissions(), { token_id: id });
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
      expectError(await client.publish(cache, "t", "hi", { token: revoked }), UNAUTHENTICATED, [
        revoked,
      ]);
      expectError(await client.subscribe(cache, "t", "", { token: revoked }), UNAUTHENTICATED, [
        revoked,
      ]);
      expectError(
        await client.send("GET", `/topics/${cache}`, { token: revoked }),
        UNAUTHENTICATED,
      );
      const wish = [{ cache, topic: "t", role: "both" }];
      expectError(await client.mint(wish, {}, { token: revoked }), UNAUTHENTICATED, [revoked]);
    });

    test("all tokens of the id end, and no others", async () => {
      const [id, other] = [fresh("id"), fresh("id")];
      const [one, two, stays] = [await token(id), await token(id), await token(other)];
      await revoke(id);
      const statuses = await Promise.all(
        [one, two, stays].map(
          async (each) => (await client.publish(cache, "t", "hi", { token: each })).status,
        ),
      );
      expect(statuses).toEqual([401, 401, 204]);
    });

    test("what the revoked token minted ends too, children's children included", async () => {
      const id = fresh("id");
      const parent = await token(id);
      const child = await client.token(permissions(), {}, { token: parent });
      const grandchild = await client.token(permissions(), {}, { token: child });
      await revoke(id);
      for (const each of [child, grandchild]) {
        const answer = await client.subscribe(cache, "t", "", { token: each });
        expectError(answer, UNAUTHENTICATED, [each]);
      }
    });

    test("a token without an id by name is revoked by its jti, which leaves its parent", async () => {
      const parent = await client.token(permissions());
      const child = await client.token(permissions(), {}, { token: parent });
      await revoke(String(parseJwt(bareJwt(child)).payload.jti));
      const answer = await client.publish(cache, "t", "hi", { token: child });
      expectError(answer, UNAUTHENTICATED, [child]);
      expect((await client.publish(cache, "t", "hi", { token: parent })).status).toBe(204);
    });

    test("a revoked token's waiting polls end with 401, those of others wait on", async () => {
      const [id, own] = [fresh("id"), await client.makeCache()];
      const wish = [{ cache: own, topic: "*", role: "both" }];
      const revoked = await client.token(wish, { token_id: id });
      const polls = upTo(3).map((index) =>
        client.subscribe(own, `t${index}`, "", { token: revoked }),
      );
      const stays = client.subscribe(own, "t1");
      await client.untilWaiters(own, 4);
      await revoke(id);
      for (const poll of polls) expectError(await poll, UNAUTHENTICATED, [revoked]);
      await client.untilWaiters(own, 1);
      await client.publishAll(own, "t1", ["a"]);
      expect(outline(entries(await stays))).toEqual([1]);
    });

    // Many rounds, since both may happen in the same millisecond.
    test("a token that is minted afterwards with the same id is good", async () => {
      for (const _ of upTo(30)) {
        const id = fresh("id");
        const earlier = await token(id);
        await revoke(id);
        const later = await token(id);
        expect((await client.publish(cache, "t", "hi", { token: later })).status).toBe(204);
        expect((await client.publish(cache, "t", "hi", { token: earlier })).status).toBe(401);
      }
    });

    test("revoking again, or what never was, is 204", async () => {
      const id = fresh("ünknown/id 50%");
      await revoke(id);
      await revoke(id);
    });

    test.each(["%", "%zz", "%E0%A4%A", "%00"].map((id) => ({ id })))(
      "the id $id is 400",
      async ({ id }) => {
        expectError(await client.send("DELETE", `/tokens/${id}`), BAD_REQUEST);
      },
    );
  });
}
