// What containers and scripts learn of a server by the exit code of a command.

import { expect, setDefaultTimeout, test } from "bun:test";
import { millrace, printed, serving, temporaryDirectory } from "./millrace.ts";

setDefaultTimeout(180_000);

test("a server that is ready is, over its socket and where it listens", async () => {
  using data = temporaryDirectory();
  await using server = await serving("--data", data.path);
  const ready = `Millrace 0.1.0 (us-east-1) is ready at ${server.url}`;
  expect(await printed("health", "--data", data.path)).toBe(ready);
  expect(await printed("health", "--url", `${server.url}/`)).toBe(ready);
});

test("one that is not there, or has been killed, is not", async () => {
  using data = temporaryDirectory();
  let url: string;
  {
    await using server = await serving("--data", data.path);
    url = server.url;
  }
  const rows: [string[], number, RegExp][] = [
    [["--data", data.path], 1, /^No server is ready on the data directory \//],
    [["--url", url], 1, /^No server is ready at http:\/\/127\.0\.0\.1:\d+\.$/],
    [["--data", `${data.path}/none`], 1, /^There is no data directory .*none;/],
    [["--url", "127.0.0.1:7070"], 2, /^--url is "127\.0\.0\.1:7070"; it must begin with http/],
  ];
  for (const [flags, exitCode, sentence] of rows) {
    const ended = await millrace(["health", ...flags]);
    expect(ended).toEqual({
      exitCode,
      stdout: "",
      stderr: expect.stringMatching(/^millrace: .*\n$/),
    });
    expect(ended.stderr.slice("millrace: ".length, -1)).toMatch(sentence);
  }
});
