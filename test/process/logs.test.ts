// No log line tells a token, whatever happens to the request that brought it.

import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { keyOf, temporaryDirectory } from "../cli/millrace.ts";
import { Client, topicPath } from "../conformance/momento-http/client.ts";
import { type ServerProcess, serve } from "../support/executable.ts";
import { rawHttp, rawRequest } from "../support/raw-http.ts";

setDefaultTimeout(180_000);

describe.each(["text", "json"] as const)("the log as %s, at level debug", (format) => {
  test("tells failures, but no token and no query string", async () => {
    using data = temporaryDirectory();
    const flags = ["--log-level=debug", `--log-format=${format}`, "--region=eu-7"];
    await using server = await serve(data.path, flags);
    const client = new Client(() => server);
    await client.putCache("c");
    const token = await client.token([{ cache: "c", topic: "*", role: "both" }]);
    await client.publish("c", "t", "a", { token });
    const lapsed = await client.token([{ cache: "c", topic: "*", role: "both" }], {
      expires_in_seconds: 1,
    });
    const secrets = [server.adminToken, token, lapsed, "not-a-token-but-a-secret"];
    for (const secret of secrets) await useEverywhere(server, secret);
    breakStore(data.path);
    for (const secret of secrets) await useEverywhere(server, secret);
    const statuses = await Promise.all([
      client.send("GET", `${topicPath("c", "t")}?sequence_number=0&token=${token}`, {
        token: null,
      }),
      client.publish("c", "t", "b", { token }),
      client.publish("c", "new", "b", { token, headers: { "Idempotency-Key": "k" } }),
    ]).then((answers) => answers.map(({ status }) => status));
    expect(statuses).toEqual([500, 500, 500]);
    server.kill("SIGTERM");
    const { stdout, stderr } = await server.ended;
    expect(stderr).toContain("A request failed");
    expect(stderr).toContain("Writing failed");
    for (const secret of secrets.flatMap(partsOf)) expect(stdout + stderr).not.toContain(secret);
    expect(stderr).not.toMatch(/token=|sequence_number=/);
    if (format === "json") expectJsonLines(stderr);
  });
});

/** As header and as parameter, well placed and not, in requests that are good, bad and broken. */
async function useEverywhere(server: ServerProcess, secret: string): Promise<void> {
  const header = [`Authorization: ${secret}`];
  const query = `token=${encodeURIComponent(secret)}`;
  const requests = [
    rawRequest("POST /topics/c/t", header, "a"),
    rawRequest("POST /topics/c/t", [...header, "Idempotency-Key: k"], "a"),
    rawRequest(`POST /topics/c/t?${query}`, [], "a"),
    rawRequest(`GET /topics/c/t?timeout=0&${query}`),
    rawRequest(`GET /topics/c/t?timeout=0&${query}`, header),
    rawRequest("GET /topics/c/t?timeout=0", [`Authorization: Bearer ${secret}`]),
    rawRequest(`GET /topics/c?${query}`),
    rawRequest(`GET /caches?${query}`),
    rawRequest(`PUT /caches/c?${query}`, [], '{"retention":7}'),
    rawRequest(`POST /tokens?${query}`, [], "{"),
    rawRequest(`DELETE /topics/c/none?${query}`),
    rawRequest(`GET /topics/%E0%A4%A/t?${query}`),
    rawRequest(`GET /topics/c/t?sequence_number=-1&${query}`),
    rawRequest(`GET /nowhere?${query}`),
    rawRequest(`BREW /topics/c/t?${query}`, header),
    `GET http://[/topics/c/t?${query} HTTP/1.1\r\nHost: [\r\n\r\n`,
    `GET /topics/c/t?timeout=0&${query} HTTP/1.1\r\nHost: :-1\r\n\r\n`,
  ];
  for (const request of requests) await rawHttp(server.url, request);
}

/** Takes the messages away under the running server, so that requests meet what nobody foresaw. */
function breakStore(data: string): void {
  using database = new Database(join(data, "millrace.db"));
  database.run("ALTER TABLE items RENAME TO gone");
}

/** A key, the JWT inside, and the parts of that which say or prove something. */
function partsOf(secret: string): string[] {
  if (!secret.startsWith("ey")) return [secret];
  const jwt = keyOf(secret).api_key;
  const [, claims = "", signature = ""] = jwt.split(".");
  return [secret, encodeURIComponent(secret), jwt, claims, signature];
}

function expectJsonLines(log: string): void {
  const lines = log.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) {
    expect(JSON.parse(line)).toMatchObject({
      "@timestamp": expect.any(String),
      level: expect.stringMatching(/^(DEBUG|INFO|WARN|ERROR)$/),
      message: expect.any(String),
      region: "eu-7",
    });
  }
}
