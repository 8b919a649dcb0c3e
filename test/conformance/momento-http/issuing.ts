// POST /tokens/issue: whatever token an administrator wants, as the command line makes it.

import { beforeAll, describe, expect, test } from "bun:test";
import { type Client, fresh } from "./client.ts";
import {
  BAD_REQUEST,
  expectError,
  FORBIDDEN,
  NO_ENDPOINT,
  UNAUTHENTICATED,
} from "./expect-error.ts";
import { bareJwt, parseJwt } from "./tokens.ts";

const PERMISSION = { cache: "*", topic: "*", role: "both" };

const BAD_BODIES: readonly { readonly rule: string; readonly body: unknown }[] = [
  { rule: "nothing that it would allow", body: {} },
  { rule: "an empty list of permissions", body: { permissions: [] } },
  { rule: "permissions beside admin", body: { admin: true, permissions: [PERMISSION] } },
  { rule: "admin that is no switch", body: { admin: "yes" } },
  { rule: "the same permission twice", body: { permissions: [PERMISSION, PERMISSION] } },
  { rule: "a role that there is not", body: { permissions: [{ ...PERMISSION, role: "admin" }] } },
  { rule: "a wildcard inside", body: { permissions: [{ ...PERMISSION, topic: "a*b" }] } },
  { rule: "an expiry of 0", body: { admin: true, expires_in_seconds: 0 } },
  { rule: "an expiry in text", body: { admin: true, expires_in_seconds: "60" } },
  { rule: "an expiry beyond a hundred years", body: { admin: true, expires_in_seconds: 4e9 } },
  { rule: "a form that there is not", body: { admin: true, format: "pem" } },
  { rule: "an empty token id", body: { admin: true, token_id: "" } },
  { rule: "the id of the command line", body: { admin: true, token_id: "command line" } },
  { rule: "a user without an id", body: { user: {} } },
  { rule: "a user with an empty id", body: { user: { id: "" } } },
  { rule: "client data that is no object", body: { user: { id: "a", client_data: [] } } },
  { rule: "too much data", body: { user: { id: "a", server_data: "x".repeat(9000) } } },
  { rule: "an unknown member", body: { admin: true, parents: [] } },
];

export function issuingRules(client: Client): void {
  const issue = (body: unknown, options: { token?: string | null } = {}) =>
    client.send("POST", "/tokens/issue", { ...options, body: JSON.stringify(body) });
  const issued = async (body: object) => {
    const answer = await issue(body);
    expect(answer.status).toBe(201);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    return JSON.parse(answer.body);
  };

  describe("issuing", () => {
    let cache = "";
    beforeAll(async () => {
      cache = await client.makeCache();
    });

    test("a token with permissions allows these and no more, and is revoked by its id", async () => {
      const { token, token_id, expires_at, endpoint } = await issued({
        permissions: [{ cache, topic: "t", role: "publish" }],
      });
      expect([typeof token_id, expires_at, typeof endpoint]).toEqual(["string", null, "string"]);
      expect((await client.publish(cache, "t", "a", { token })).status).toBe(204);
      expectError(await client.publish(cache, "other", "a", { token }), FORBIDDEN, [token]);
      expectError(await client.send("GET", "/caches", { token }), FORBIDDEN, [token]);
      expect((await client.send("DELETE", `/tokens/${token_id}`)).status).toBe(204);
      expectError(await client.publish(cache, "t", "a", { token }), UNAUTHENTICATED, [token]);
    });

    test("an admin token may everything, and stays when the one that asked for it ends", async () => {
      const first = await issued({ admin: true, expires_in_seconds: 600 });
      const asked = { admin: true, expires_in_seconds: 31_536_000 };
      const second = JSON.parse((await issue(asked, { token: first.token })).body);
      expect(second.expires_at).toBeGreaterThan(first.expires_at);
      await client.send("DELETE", `/tokens/${first.token_id}`);
      const gone = await client.send("GET", "/caches", { token: first.token });
      expectError(gone, UNAUTHENTICATED, [first.token]);
      expect((await client.send("GET", "/caches", { token: second.token })).status).toBe(200);
    });

    test("a name is the publisher's id, and one that it gives to others", async () => {
      const name = fresh("sensor");
      const { token, token_id } = await issued({ permissions: [PERMISSION], token_id: name });
      expect(token_id).toBe(name);
      await client.publish(cache, "named", "a", { token });
      const [entry] = await client.read(cache, "named", "sequence_page=0");
      expect(entry?.item?.publisher_id).toBe(name);
      const child = await client.mint([PERMISSION], { token_id: "another" }, { token });
      expect(child.status).toBe(200);
    });

    test("a token of a user says whose it is, and hides what only the rules may see", async () => {
      const user = { id: fresh("user"), client_data: { a: 1 }, server_data: { role: "s3cret" } };
      const { token } = await issued({ user });
      expect(token.split(".")).toHaveLength(3);
      expect(JSON.stringify(parseJwt(token))).not.toContain("s3cret");
      const body = JSON.stringify({ token, body: [{ topic: "presence", action: "query" }] });
      const headers = { "Content-Type": "application/json" };
      const answer = await client.send("POST", "/api", { token: null, headers, body });
      expect(answer.status).toBe(200);
      expectError(await client.publish(cache, "t", "a", { token }), FORBIDDEN, [token]);
    });

    test("a key leads to its endpoint, and a bare JWT is to be had", async () => {
      const key = await issued({ admin: true });
      expect(bareJwt(key.token)).not.toBe(key.token);
      const jwt = await issued({ admin: true, format: "jwt" });
      expect(bareJwt(jwt.token)).toBe(jwt.token);
    });

    test.each(BAD_BODIES)("$rule: 400", async ({ body }) => {
      expectError(await issue(body), BAD_REQUEST);
    });

    test("only an administrator may, and only by POST", async () => {
      const token = await client.token([PERMISSION]);
      expectError(await issue({ permissions: [PERMISSION] }, { token }), FORBIDDEN, [token]);
      expectError(await issue({ admin: true }, { token: null }), UNAUTHENTICATED);
      expectError(await client.send("GET", "/tokens/issue"), NO_ENDPOINT);
    });
  });
}
