// Plain HTTP is redirected to HTTPS on this server, and never to anybody else.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { loadSettings } from "../../src/config/load.ts";
import { Certificates } from "../../src/server/certificates.ts";
import { listenForRedirects } from "../../src/server/redirect.ts";
import { openLog } from "../../src/telemetry/log.ts";
import { TLS } from "../support/certificates.ts";
import { flagsOf } from "../support/flags.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { rawHttp, rawRequest } from "../support/raw-http.ts";

const PORT = 7070;

type Row = [what: string, line: string, host: string, location: string | undefined];

describe("with a certificate for localhost, *.millrace.test and loopback", () => {
  const rows: Row[] = [
    ["a name", "GET /health", "localhost", "https://localhost:7070/health"],
    ["a name with a port", "GET /", "localhost:80", "https://localhost:7070/"],
    ["in capitals", "GET /", "A.Millrace.Test", "https://a.millrace.test:7070/"],
    ["an address", "GET /", "127.0.0.1:80", "https://127.0.0.1:7070/"],
    ["an address of IPv6", "GET /", "[::1]:80", "https://[::1]:7070/"],
    ["a query", "GET /a%2Fb?c=%20d", "localhost", "https://localhost:7070/a%2Fb?c=%20d"],
    ["another method", "DELETE /topics/c/t", "localhost", "https://localhost:7070/topics/c/t"],
    [
      "a path like an address",
      "GET //evil.example/a",
      "localhost",
      "https://localhost:7070//evil.example/a",
    ],
    ["a whole URL", "GET http://evil.example/a", "localhost", "https://localhost:7070/a"],
    ["somebody else's name", "GET /", "evil.example", undefined],
    ["a name that only ends so", "GET /", "a.b.millrace.test", undefined],
    ["somebody else's address", "GET /", "192.0.2.1", undefined],
    ["a user before the name", "GET /", "localhost@evil.example", undefined],
    ["no Host", "GET /", "", undefined],
  ];
  redirects("", rows);
});

describe("with a public endpoint", () => {
  const rows: Row[] = [
    ["a name", "GET /a?b", "localhost", "https://topics.example.com:8443/a?b"],
    ["somebody else's name", "GET /a", "evil.example", "https://topics.example.com:8443/a"],
  ];
  redirects("https://topics.example.com:8443", rows);
});

test("the usual port of HTTPS is not written down", async () => {
  await using listener = open("", 443);
  expect(await locationOf(listener.port, "GET /", "localhost")).toBe("https://localhost/");
});

function redirects(publicEndpoint: string, rows: Row[]): void {
  let listener: ReturnType<typeof open>;
  beforeAll(() => {
    listener = open(publicEndpoint, PORT);
  });
  afterAll(() => listener[Symbol.asyncDispose]());

  test.each(rows)("%s", async (_, line, host, location) => {
    expect(await locationOf(listener.port, line, host)).toBe(location);
  });
}

/** Undefined: it is refused. The body is not waited for. */
async function locationOf(port: number, line: string, host: string): Promise<string | undefined> {
  const request = rawRequest(line, ["Content-Length: 1000000"]).replace("millrace.test", host);
  const answer = await rawHttp(`http://127.0.0.1:${port}`, request);
  if (answer === "closed") throw new Error("the server hung up");
  expect(answer.headers.get("connection")).toBe("close");
  const location = answer.headers.get("location") ?? undefined;
  expect(answer.status).toBe(location === undefined ? 400 : 308);
  return location;
}

function open(publicEndpoint: string, port: number) {
  const flags = flagsOf({ http: { tls: { ...TLS, check_seconds: 0 } } });
  const loaded = loadSettings({ environment: {}, flags });
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  const log = openLog({ level: "error", format: "text", region: "here", write: () => {} });
  const certificates = new Certificates(loaded.settings, new ManualClock(), log);
  return listenForRedirects(loaded.settings.http, { publicEndpoint, port, certificates }, 0);
}
