// The server as a process: its ready line and its output. How it stops, and what keeps it from starting, is in test/process.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { adminSocketPath } from "../../src/cli/admin-socket.ts";
import { until } from "../support/until.ts";
import { millrace, serving, servingIn, temporaryDirectory } from "./millrace.ts";

setDefaultTimeout(180_000);

test("one line on standard output says where it listens, and it answers there", async () => {
  using data = temporaryDirectory();
  await using server = await serving("--data", data.path, "--region", "eu-1");
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  expect(server.stdout()).toMatch(
    /^Millrace 0\.1\.0 \(eu-1\) listens on http:\/\/127\.0\.0\.1:\d+\n$/,
  );
});

test("the lines of --dev work when they are pasted in order", async () => {
  using data = temporaryDirectory();
  await using server = await serving("--data", data.path, "--dev");
  const printedLines = await until("the resume line", () => {
    const lines = server.stdout().split("\n");
    return lines.some((line) => line.endsWith("sequence_number=1'")) && lines;
  });
  const curls = printedLines.filter((line) => line.startsWith("curl "));
  const pasted = curls.map((line) => `${line} -sS -m 60 -w '\\n%{http_code}\\n'`).join("\n");
  const shell = Bun.spawn(["sh", "-c", pasted], { stdout: "pipe", stderr: "pipe" });
  const [answers, complaints] = await Promise.all([shell.stdout.text(), shell.stderr.text()]);
  const item = (number: number, text: string) =>
    `{"items":[{"item":{"topic_sequence_number":${number},"value":{"text":"${text}"}}}]}`;
  expect(complaints).toBe("");
  expect(answers.split("\n").filter(Boolean)).toEqual([
    "204",
    ...[item(1, "hello world!"), "200"],
    "204",
    ...[item(2, "hello again!"), "200"],
  ]);
});

describe("an error that nobody foresaw", () => {
  const rows: [string, string][] = [
    ["thrown", "throw new Error('first\\nsecond')"],
    ["rejected", "void Promise.reject(new Error('first\\nsecond'))"],
  ];
  test.each(rows)("that is %s ends it with one line and 1", async (_, statement) => {
    using directory = temporaryDirectory();
    const preload = join(directory.path, "preload.ts");
    await Bun.write(preload, `process.on("SIGUSR2", () => { ${statement}; });`);
    const env = { BUN_OPTIONS: `--preload ${preload}` };
    await using server = await servingIn({ env }, "--data", directory.path, "--log-level", "error");
    server.kill("SIGUSR2");
    const { exitCode, stderr } = await server.ended;
    expect(stderr).toMatch(/^millrace: Unexpected failure: first second \(at [^\n]+\)\n$/);
    expect(exitCode).toBe(1);
  });
});

test("a directory in the way of the socket for the command line is named, and the server does not start", async () => {
  using data = temporaryDirectory();
  const path = adminSocketPath(data.path);
  mkdirSync(path);
  const { exitCode, stdout, stderr } = await millrace(["serve", "--port=0", "--data", data.path]);
  expect([exitCode, stdout]).toEqual([1, ""]);
  expect(stderr).toStartWith(`millrace: ${path} is in the way of the socket`);
  expect(stderr).toMatch(/^[^\n]* cannot be removed \(\w*EISDIR\): move it away\.\n$/);
  rmdirSync(path);
  await using _server = await serving("--data", data.path);
});

test("settings come from file, environment and flags", async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, "a.toml");
  await Bun.write(file, 'region = "from-file"\n[http]\npublic_endpoint = "a.example"\n');
  await using server = await serving("--config", file, "--data", join(directory.path, "data"));
  expect(server.stdout()).toContain("(from-file)");
});

describe("output that nobody reads", () => {
  test("does not end a command with a complaint", async () => {
    const shell = Bun.spawn(["sh", "-c", '"$0" "$@" | true', ...words("config-example")], {
      stderr: "pipe",
    });
    expect(await shell.stderr.text()).toBe("");
  });

  test("does not end a server", async () => {
    using data = temporaryDirectory();
    const child = Bun.spawn(words("serve", "--port", "0", "--data", data.path), {
      stdout: "pipe",
      stderr: "pipe",
    });
    await child.stdout.cancel();
    await child.stderr.cancel();
    await until("the server", async () => {
      const { exitCode } = await millrace(["health", "--data", data.path]);
      return exitCode === 0;
    });
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  });
});

function words(...rest: string[]): string[] {
  return [process.execPath, join(import.meta.dir, "../../src/main.ts"), ...rest];
}
