// Logging in over a connection: by every kind of credentials and by tokens, and how often one may fail.

import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../support/until.ts";
import { openLoginWebhook } from "../deepstream-http-settings/login-webhook.ts";
import type { Client } from "../deepstream-ws/clients.ts";
import { WireClient } from "../deepstream-ws/wire-client.ts";
import type { OpenWith, Target } from "../target.ts";
import { withServer } from "./with-server.ts";

export function logins(open: OpenWith): void {
  describe("logins", () => {
    test("a user with an email address logs in by password, and by the token of a login", async () => {
      const settings = { auth: ["email"], email: { sign_up: true } };
      await withServer(open, settings, async (clients, target) => {
        const credentials = { type: "email", email: "a@example.com", password: "secret" };
        const { id } = await post(target, "/api/auth/signup", credentials);
        const { token } = await post(target, "/api/auth", credentials);
        const first = clients.connect();
        expect(await first.login(credentials as never)).toEqual({ id } as never);
        const second = clients.connect();
        expect(await second.login({ token } as never)).toEqual({ id } as never);
        for (const bad of [{ ...credentials, password: "x" }, { token: `${token}x` }, {}]) {
          const third = clients.connect();
          expect(await refusalOf(third, bad)).toEqual({ reason: "INVALID_AUTHENTICATION_DETAILS" });
        }
        const watcher = clients.connect();
        await watcher.login({ token } as never);
        expect(await watcher.presence.getAll([String(id)])).toEqual({
          [String(id)]: true,
        } as never);
      });
    });

    test("a webhook says who it is, from credentials or from its own token", async () => {
      using webhook = openLoginWebhook();
      const settings = { auth: ["webhook"], webhook: { url: webhook.url } };
      await withServer(open, settings, async (clients) => {
        const admin = clients.connect();
        const login = admin.login({ username: "admin", password: "pw" } as never);
        expect(await login).toEqual({ client: "data" } as never);
        const user = clients.connect();
        await user.login({ token: "tok-A" } as never);
        expect(await user.presence.getAll()).toEqual(["admin"]);
      });
    });

    test("users in a file log in beside anybody", async () => {
      const directory = await mkdtemp(join(tmpdir(), "millrace-users-"));
      try {
        const password = await Bun.password.hash("pw", { algorithm: "argon2id", timeCost: 1 });
        const path = join(directory, "users.yml");
        await Bun.write(path, JSON.stringify({ bob: { password, clientData: { c: 1 } } }));
        await withServer(open, { auth: ["file", "open"], file: { path } }, async (clients) => {
          const bob = clients.connect();
          const credentials = { username: "bob", password: "pw" };
          expect(await bob.login(credentials as never)).toEqual({ c: 1 } as never);
          const anybody = clients.connect();
          expect(await anybody.login()).toBeNull();
          expect(await anybody.presence.getAll()).toEqual(["bob"]);
        });
      } finally {
        await rm(directory, { recursive: true });
      }
    });

    test("a login can be tried again on the same connection, until too many have failed", async () => {
      const settings = { auth: ["email"], connection: { login_attempts_max: 3 } };
      await withServer(open, settings, async (clients) => {
        const client = clients.connect();
        const bad = { type: "email", email: "a@example.com", password: "x" };
        for (let attempt = 1; attempt <= 3; attempt += 1) {
          expect(await refusalOf(client, bad)).toEqual({
            reason: "INVALID_AUTHENTICATION_DETAILS",
          });
        }
        await until("it is told", () => client.errors.includes("TOO_MANY_AUTH_ATTEMPTS"));
        expect(client.states).toContain("TOO_MANY_AUTH_ATTEMPTS");
        expect(client.states).not.toContain("RECONNECTING");
      });
    });

    test("when too many from an address have failed, the client is told to wait", async () => {
      const settings = {
        auth: ["email"],
        login: { address_failures: 1, address_seconds: 86_400 },
        connection: { login_attempts_max: 10 },
      };
      await withServer(open, settings, async (clients) => {
        const client = clients.connect();
        const bad = { type: "email", email: "a@example.com", password: "x" };
        await refusalOf(client, bad);
        const refusal = await refusalOf(client, bad);
        expect(refusal).toEqual({ reason: expect.stringMatching(/^Too many logins .* failed/) });
      });
    });

    test("who does not log in, is told so and let go", async () => {
      // Long enough for those who do, on a slow machine.
      const settings = { connection: { login_timeout_ms: 4000 } };
      await withServer(open, settings, async (clients, target) => {
        const silent = await WireClient.open(target.url);
        const introduced = await WireClient.open(target.url);
        introduced.send(["CONNECTION CHALLENGE", { url: "x" }]);
        const user = await clients.login("alice");
        expect(await silent.closed()).toMatchObject({ code: 1008 });
        await introduced.closed();
        const timeout = ["CONNECTION AUTHENTICATION_TIMEOUT", { isError: true }];
        expect(silent.received).toEqual([timeout as never]);
        expect(introduced.received).toEqual([["CONNECTION ACCEPT"], timeout as never]);
        expect(String(user.getConnectionState())).toBe("OPEN");
      });
    });

    test("pages of origins that are not listed get no connection", async () => {
      await withServer(open, { origins: ["https://good.example"] }, async (_, { url }) => {
        const status = async (headers: Record<string, string>) => {
          const answer = await fetch(`${url.replace(/\/$/, "")}/deepstream`, { headers });
          await answer.text();
          return answer.status;
        };
        expect(await status({ origin: "https://evil.example" })).toBe(403);
        expect(await status({})).toBe(403);
        expect(await status({ origin: "https://good.example" })).toBe(426);
      });
    });
  });
}

async function refusalOf(client: Client, credentials: object): Promise<unknown> {
  return await client.login(credentials as Record<string, never>).then(
    () => {
      throw new Error("the login was accepted");
    },
    (error: unknown) => error,
  );
}

async function post(target: Target, path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(target.url.replace(/\/$/, "") + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Record<string, unknown>;
}
