// The client in Node, as most programs run it: with the WebSockets of the package ws.

import { expect, test } from "bun:test";
import { delimiter, join } from "node:path";
import { temporaryDirectory } from "../cli/millrace.ts";
import { serve } from "../support/executable.ts";
import { roundTrip, wentWell } from "../support/round-trip.ts";

const ROOT = join(import.meta.dir, "../..");

test("a program that is given the server's address alone works in Node", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const url = server.url.replace(/^http/, "ws").replace(/\/$/, "");
  const program = `
    const { DeepstreamClient } = require("@deepstream/client");
    (${roundTrip})(DeepstreamClient, ${JSON.stringify(url)}, "node").then((result) => {
      console.log(JSON.stringify({ runtime: Object.keys(process.versions), result }));
      process.exit(0);
    });
  `;
  const { runtime, result } = JSON.parse(await printedByNode(program));
  expect(runtime).toContain("v8");
  expect(runtime).not.toContain("bun");
  expect(result).toEqual(wentWell("node"));
  expect(server.stderr()).not.toMatch(/ERROR|WARN/);
});

async function printedByNode(program: string): Promise<string> {
  const node = Bun.which("node", { PATH: pathWithoutBun() });
  if (node === null) throw new Error("Node is needed, 20 or newer: apt-get install nodejs");
  const child = Bun.spawn([node, "-e", program], { cwd: ROOT, stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(stderr);
  return stdout;
}

/** Bun puts itself there under the name of Node. */
function pathWithoutBun(): string {
  const folders = (Bun.env.PATH ?? "").split(delimiter);
  return folders.filter((folder) => !/bun-node|node_modules/.test(folder)).join(delimiter);
}
