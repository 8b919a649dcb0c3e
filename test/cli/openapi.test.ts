// millrace openapi: the description of a server with the settings that are given.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { openInProcess } from "../support/in-process-server.ts";
import { millrace, printed, temporaryDirectory } from "./millrace.ts";

test("it prints what a server of the same settings answers, with its own address", async () => {
  const shown = JSON.parse(await printed("openapi", "--http-port", "7171"));
  expect(shown.servers).toEqual([{ url: "http://127.0.0.1:7171" }]);
  const server = await openInProcess();
  try {
    const answered = await (await fetch(`${server.url}/openapi.json`)).json();
    expect({ ...shown, servers: [{ url: "/" }] }).toEqual(answered);
  } finally {
    await server.close();
  }
});

test("settings say where the server is, what its paths are, and its limits", async () => {
  using directory = temporaryDirectory();
  const file = join(directory.path, "millrace.toml");
  await Bun.write(
    file,
    '[http]\npublic_endpoint = "topics.example.com"\n[topics]\nmessage_bytes_max = 4321\n[deepstream]\npost_path = "/hub"\n',
  );
  const shown = JSON.parse(await printed("openapi", "--config", file));
  expect(shown.servers).toEqual([{ url: "https://topics.example.com" }]);
  expect(shown.paths["/topics/{cacheName}/{topicName}"].post.description).toContain("4,321 bytes");
  expect(shown.paths).toContainAnyKeys(["/hub"]);
});

test("a wrong configuration is named, and nothing is printed", async () => {
  const { exitCode, stdout, stderr } = await millrace(["openapi", "--http-port", "x"]);
  expect({ exitCode, stdout }).toEqual({ exitCode: 78, stdout: "" });
  expect(stderr).toContain("http-port");
});
