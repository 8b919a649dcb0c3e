// What Prometheus' own tool says of the metrics, and of the alerts in the README.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryDirectory } from "../cli/millrace.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { serve } from "../support/executable.ts";
import { parseMetrics } from "../support/scrape.ts";

const ROOT = join(import.meta.dir, "../..");

test("promtool has nothing to say of the metrics", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const client = new Client(() => server);
  await client.putCache("c");
  await client.publish("c", "t", "a");
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(await promtool(["check", "metrics"], metrics)).toEqual({ exitCode: 0, told: "" });
});

test("the alerts in the README are rules that Prometheus takes, on metrics that there are", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const rules = await alertsInReadme();
  const file = join(data.path, "millrace.rules.yml");
  await Bun.write(file, rules);
  const { exitCode, told } = await promtool(["check", "rules", file], "");
  expect({ exitCode, told }).toMatchObject({ exitCode: 0 });
  const shown = await (await fetch(`${server.url}/metrics`)).text();
  const known = new Set(
    [...parseMetrics(shown).keys()].map((series) => series.replace(/\{.*/, "")),
  );
  const types = shown.matchAll(/^# TYPE (\S+)/gm);
  for (const [, name = ""] of types) known.add(name);
  const named = rules.match(/\b(millrace|process|nodejs)_\w+/g) ?? [];
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

async function alertsInReadme(): Promise<string> {
  const readme = await Bun.file(join(ROOT, "README.md")).text();
  const [, rules] = /```yaml\n(groups:\n[\s\S]*?)```/.exec(readme) ?? [];
  if (rules === undefined) throw new Error("README.md has no alerts");
  return rules;
}

async function promtool(
  words: readonly string[],
  input: string,
): Promise<{ exitCode: number; told: string }> {
  const tool = Bun.which("promtool");
  if (tool === null) throw new Error("promtool is needed: apt-get install prometheus");
  const child = Bun.spawn([tool, ...words], {
    stdin: new Blob([input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { exitCode: await child.exited, told: words[1] === "metrics" ? stdout + stderr : stderr };
}
