// The ways to log in as the settings name them, put together as in a server.

import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load.ts";
import type { Caller } from "../../src/core/access/login.ts";
import { openLogins } from "../../src/server/logins.ts";
import { openServices } from "../../src/server/services.ts";
import { systemClock } from "../../src/server/system-clock.ts";
import { openLog } from "../../src/telemetry/log.ts";
import { FakeEngine } from "../support/fake-engine.ts";
import { flagsOf } from "../support/flags.ts";
import { ADMIN } from "../support/principals.ts";
import { refusal } from "../support/refusal.ts";
import { unheardAudit } from "../support/unheard-audit.ts";

const CALLER: Caller = { address: "192.0.2.1", headers: {}, url: "/api/auth" };

test("a user of each kind logs in its own way, and ends its own way", async () => {
  await using webhook = Bun.serve({ port: 0, fetch: () => Response.json({ id: "hooked" }) });
  await using opened = await open(["email", "file", "open", "webhook"], webhook.port ?? 0);
  const { logins, users } = opened;
  const id = async (credentials: Record<string, string>) =>
    (await logins.login(credentials, CALLER)).user.id;
  const alice = { email: "alice@example.com", password: "secret" };
  const aliceId = await users.add(ADMIN, alice);
  const { token, clientData } = await logins.login({ type: "email", ...alice }, CALLER);
  expect(clientData).toEqual({ id: aliceId });
  expect((await logins.authenticate(token, CALLER)).id).toBe(aliceId);
  expect(await id({ username: "bob", password: "bob's" })).toBe("bob");
  expect(await id({ username: "carol" })).toBe("open");
  expect(await id({ type: "webhook" })).toBe("hooked");
  expect((await logins.authenticate("theirs", CALLER)).id).toBe("hooked");
  expect((await refusal(() => id({ username: "bob", password: "no" }))).code).toBe(
    "unauthenticated",
  );
  await users.setPassword(ADMIN, alice.email, "other");
  expect((await refusal(() => logins.authenticate(token, CALLER))).code).toBe("unauthenticated");
  expect((await refusal(() => id(alice))).code).toBe("unauthenticated");
  expect(await id({ ...alice, password: "other" })).toBe(aliceId);
});

test("the log says once that the webhook cannot be asked, without its URL", async () => {
  await using opened = await open(["webhook"], 1);
  for (let n = 0; n < 2; n += 1) {
    const error = await refusal(() => opened.logins.login({ key: "s3cret" }, CALLER));
    expect(error.code).toBe("identity_provider_unavailable");
  }
  expect(opened.lines).toHaveLength(1);
  expect(opened.lines[0]).toContain("cannot be reached");
  expect(opened.lines[0]).not.toMatch(/s3cret|127\.0\.0\.1/);
});

async function open(auth: string[], port: number) {
  const stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "millrace-logins-"));
  stack.defer(() => rm(directory, { recursive: true }));
  const path = join(directory, "users.json");
  const password = await Bun.password.hash("bob's", { algorithm: "bcrypt", cost: 4 });
  await Bun.write(path, JSON.stringify({ bob: { password } }));
  const url = `http://s3cret:x@127.0.0.1:${port}/?s3cret`;
  const webhook = { url, retry_attempts: 0, timeout_ms: 60_000 };
  const flags = flagsOf({ deepstream: { auth, file: { path }, webhook } });
  const loaded = loadSettings({ environment: {}, flags });
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  const engine = stack.use(new FakeEngine(systemClock));
  const services = stack.use(
    openServices(loaded.settings, engine, systemClock, unheardAudit, () => {}),
  );
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const log = openLog({ level: "info", format: "json", region: "here", write });
  const opened = openLogins(loaded.settings, services, engine, systemClock, log);
  return {
    logins: stack.use(opened.logins),
    users: services.users,
    lines,
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}
