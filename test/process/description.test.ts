// The description comes out of the executable: in an answer, as a page, and on the command line.

import { expect, setDefaultTimeout, test } from "bun:test";
import { temporaryDirectory } from "../cli/millrace.ts";
import { printed, serve } from "../support/executable.ts";

setDefaultTimeout(180_000);

test("the server, the page and the command tell of the same", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const answer = await fetch(new URL("/openapi.json", server.url));
  const answered = (await answer.json()) as object;
  const shown = JSON.parse(await printed("openapi", "--http-port", "1"));
  expect(shown).toEqual({ ...answered, servers: [{ url: "http://127.0.0.1:1" }] });
  const page = await (await fetch(new URL("/docs", server.url))).text();
  for (const path of Object.keys(shown.paths)) expect(page).toContain(`<code>${path}</code>`);
});
