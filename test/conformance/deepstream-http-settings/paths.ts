// deepstream.post_path and auth_path: where commands and logins go.

import { describe, expect, test } from "bun:test";
import { batchOf, type DeepstreamClient, expectPlain } from "../deepstream-http/client.ts";
import { query } from "../deepstream-http/commands.ts";
import type { OpenWith } from "../target.ts";
import { withServer } from "./with-server.ts";

interface Row {
  readonly settings: { readonly post_path?: string; readonly auth_path?: string };
  readonly commands: readonly string[];
  readonly logins: readonly string[];
  readonly nothing: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    settings: {},
    commands: ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/auth", "/api/a/b/c?x=1", "/api?y"],
    logins: ["/api/auth", "/api/v1/auth", "/api/auth?x=1"],
    nothing: ["/", "/apixyz", "/API", "/v1", "/auth", "/hub"],
  },
  {
    settings: { post_path: "/hub" },
    commands: ["/hub", "/hub/v1", "/hub/auth"],
    logins: ["/api/auth"],
    nothing: ["/api", "/api/v1", "/api/v1/auth", "/hubs", "/api/records"],
  },
  {
    settings: { post_path: "/hub", auth_path: "/login" },
    commands: ["/hub", "/hub/login"],
    logins: ["/login"],
    nothing: ["/api/auth", "/login/x", "/logins"],
  },
  {
    settings: { post_path: "/a/b-c", auth_path: "/a/b-c/who.am_I~/i" },
    commands: ["/a/b-c", "/a/b-c/d", "/a/b-c/auth"],
    logins: ["/a/b-c/who.am_I~/i", "/a/b-c/v1/who.am_I~/i"],
    nothing: ["/a", "/a/b", "/a/b-cd", "/a/who.am_I~/i"],
  },
];

export function pathRules(open: OpenWith): void {
  describe("paths", () => {
    test("signing up is for pages too, wherever logins go", async () => {
      for (const auth_path of ["/api/auth", "/login"]) {
        await withServer(open, { auth_path, email: { sign_up: true } }, async (client) => {
          const path = `${auth_path}/signup`;
          const headers = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
          };
          const { status, headers: answered } = await client.send("OPTIONS", path, { headers });
          expect({ auth_path, status }).toEqual({ auth_path, status: 204 });
          expect(answered.get("access-control-allow-headers")).toContain("Content-Type");
          await expectMethods(client, path);
        });
      }
    });

    test.each(ROWS)("$settings", async ({ settings, commands, logins, nothing }) => {
      await withServer(open, settings, async (client) => {
        for (const path of commands) {
          const { result } = batchOf(await client.post(path, { body: [query()] }));
          expect({ path, result }).toEqual({ path, result: "SUCCESS" });
        }
        for (const path of logins) expect(await client.token({}, path)).toMatch(/^\S+$/);
        for (const path of nothing) await expectNothing(client, path);
        for (const path of [...commands, ...logins]) await expectMethods(client, path);
        const records = `${settings.post_path ?? "/api"}/records`;
        expect((await client.get(records)).status).toBe(200);
        expect((await client.get(`${records}/missing`)).status).toBe(404);
        expect((await client.get("/health-check")).status).toBe(200);
      });
    });
  });
}

async function expectNothing(client: DeepstreamClient, path: string): Promise<void> {
  for (const type of ["application/json", "text/plain"]) {
    const answer = await client.post(path, "{", { "Content-Type": type });
    expect({ path, status: answer.status, body: answer.body }).toEqual({
      path,
      status: 404,
      body: "Endpoint not found.",
    });
  }
}

async function expectMethods(client: DeepstreamClient, path: string): Promise<void> {
  expectPlain(await client.get(path), 400, /^Reading records via HTTP GET/);
  for (const method of ["PUT", "PATCH", "DELETE"]) {
    expectPlain(await client.send(method, path), 405, /^Unsupported method/);
  }
  expect((await client.send("HEAD", path)).status).toBe(405);
  expectPlain(await client.send("OPTIONS", path), 400, /^Missing header/);
}
