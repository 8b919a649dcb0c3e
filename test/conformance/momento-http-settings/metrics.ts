// metrics.token_file: the metrics are then for whoever has the token in it, wherever they ask.

import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "../../cli/millrace.ts";
import { Client } from "../momento-http/client.ts";
import { expectError, UNAUTHENTICATED } from "../momento-http/expect-error.ts";
import { type OpenWith, openForAll } from "../target.ts";

const TOKEN = "a-token-of-its-own";

export function metricsRules(open: OpenWith): void {
  describe("metrics with a token", () => {
    let directory: TemporaryDirectory;
    const client = new Client(
      openForAll(async () => {
        directory = temporaryDirectory();
        const token_file = join(directory.path, "token");
        await Bun.write(token_file, `${TOKEN}\n`);
        return await open({ metrics: { token_file } });
      }),
    );
    afterAll(() => directory[Symbol.dispose]());
    const ask = (headers: Record<string, string>, path = "/metrics") =>
      client.send("GET", path, { token: null, headers });

    test.each([`Bearer ${TOKEN}`, `bearer ${TOKEN}`, TOKEN])("are shown to %s", async (token) => {
      const answer = await ask({ Authorization: token });
      expect(answer.status).toBe(200);
      expect(answer.body).toContain("millrace_waiters");
    });

    test("are shown through a proxy as well", async () => {
      const headers = { Authorization: `Bearer ${TOKEN}`, "X-Forwarded-For": "203.0.113.7" };
      expect((await ask(headers)).status).toBe(200);
    });

    test.each([
      ["none", {}],
      ["another", { Authorization: "Bearer another-token-than-that" }],
      ["its beginning", { Authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
      ["more than it", { Authorization: `Bearer ${TOKEN}x` }],
      ["it as a password", { Authorization: `Basic ${btoa(`prometheus:${TOKEN}`)}` }],
    ])("are 401 with %s, on loopback too", async (_, headers) => {
      const answer = await ask({ ...headers });
      expectError(answer, UNAUTHENTICATED, [TOKEN]);
      expect(answer.body).not.toContain("millrace_");
    });

    test("are 401 with the token of an administrator, and with the right one in the query", async () => {
      expectError(await client.send("GET", "/metrics"), UNAUTHENTICATED);
      expectError(await ask({}, `/metrics?token=${TOKEN}`), UNAUTHENTICATED, [TOKEN]);
    });

    test("have a token that opens nothing else", async () => {
      const answer = await ask({ Authorization: `Bearer ${TOKEN}` }, "/caches");
      expectError(answer, UNAUTHENTICATED, [TOKEN]);
    });
  });
}
