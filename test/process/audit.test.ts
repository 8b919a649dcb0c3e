// Who changed what is in the server's log whatever its level, and in the audit file also without a server.

import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../cli/millrace.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { millrace, printed, serve } from "../support/executable.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

test("a change over HTTP and one by the command line are a line each, at level error as well", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path, ["--log-level=error", "--log-format=json"]);
  const admin = await printed("token", "create", "--admin", "--id", "ops", "--data", data.path);
  const client = new Client(() => ({ ...server, adminToken: admin }));
  await client.putCache("c");
  await client.send("GET", "/caches");
  await client.publish("c", "t", "s3cret data");
  await printed("user", "disconnect", "nobody", "--data", data.path);
  await client.deleteCache("none");
  server.kill("SIGTERM");
  const { stderr } = await server.ended;
  const lines = stderr.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      message: "Audit",
      by: { token: "ops" },
      action: "cache.put",
      on: { cache: "c" },
      outcome: "done",
    },
    { message: "Audit", by: "command line", action: "user.disconnect", on: { user: "nobody" } },
    { message: "Audit", action: "cache.delete", on: { cache: "none" }, outcome: "cache_not_found" },
  ]);
  expect(lines.join()).not.toContain("s3cret");
  expect(lines.join()).not.toContain(admin);
});

test("the audit file has what is done with a server and without, and the tokens that are made", async () => {
  using directory = temporaryDirectory();
  const config = join(directory.path, "millrace.toml");
  await Bun.write(config, '[log]\naudit_file = "audit.jsonl"\n');
  const flags = ["--data", join(directory.path, "data"), "--config", config];
  await printed("cache", "create", "offline", ...flags);
  {
    await using _server = await serve(join(directory.path, "data"), ["--config", config]);
    await printed("cache", "create", "online", ...flags);
  }
  const token = await printed("token", "create", "--admin", "--id", "ops", ...flags);
  const text = readFileSync(join(directory.path, "audit.jsonl"), "utf8");
  const entries = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const by = "command line";
  expect(entries).toMatchObject([
    { by, action: "cache.put", on: { cache: "offline" }, outcome: "done" },
    { by, action: "cache.put", on: { cache: "online" }, outcome: "done" },
    { by, action: "token.issue", on: { token: "ops", admin: true }, outcome: "done" },
  ]);
  for (const { time } of entries) expect(new Date(time).toISOString()).toBe(time);
  expect(text).not.toContain(token);
});

test("what --dev makes is told as well, and its token is not", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path, ["--dev", "--log-format=json", "--log-level=error"]);
  const [, token = ""] = await until("the token", () =>
    /A token for all its topics:\n\n(\S+)\n/.exec(server.stdout()),
  );
  server.kill("SIGTERM");
  const { stderr } = await server.ended;
  const by = "command line";
  const made = { by, action: "token.issue", on: { token: expect.any(String), admin: false } };
  expect(
    stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { message: "Audit", by, action: "cache.put", on: { cache: "my-cache" }, outcome: "done" },
    { message: "Audit", ...made, outcome: "done" },
  ]);
  expect(stderr).not.toContain(token);
});

test("where the audit file cannot be written, the command line says so and does nothing", async () => {
  using directory = temporaryDirectory();
  const config = join(directory.path, "millrace.toml");
  await Bun.write(config, `[log]\naudit_file = "none/audit.jsonl"\n`);
  const data = join(directory.path, "data");
  for (const words of [
    ["cache", "create", "c"],
    ["token", "create", "--admin"],
  ]) {
    const { exitCode, stdout, stderr } = await millrace(
      ...words,
      "--data",
      data,
      "--config",
      config,
    );
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^millrace: The audit file cannot be written to: [^\n]+\.\n$/);
  }
  expect(existsSync(join(data, "keys.json"))).toBe(false);
  expect(await printed("cache", "list", "--data", data)).toBe("");
});
