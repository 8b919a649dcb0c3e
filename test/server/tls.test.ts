// HTTPS, and a certificate that is replaced while the server runs: new connections see it, and the old go on.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";
import { loadSettings } from "../../src/config/load.ts";
import { type RunningServer, startServer } from "../../src/serve.ts";
import { StartError } from "../../src/server/start-error.ts";
import { temporaryDirectory } from "../cli/millrace.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { startedWith } from "../conformance/target.ts";
import { adminToken } from "../support/admin-token.ts";
import { certificatePath } from "../support/certificates.ts";
import { openRaw, rawHttp, rawRequest } from "../support/raw-http.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

const before = Bun.env.NODE_TLS_REJECT_UNAUTHORIZED;
beforeAll(() => {
  Bun.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
});
afterAll(() => {
  if (before === undefined) delete Bun.env.NODE_TLS_REJECT_UNAUTHORIZED;
  else Bun.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
});

test.each(["http1.1", "http2"] as const)(
  "%s works over TLS, and keys lead to it",
  async (protocol) => {
    await using opened = await open();
    const { server } = opened;
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(server.endpoint).toBe(server.url);
    const health = await fetch(`${server.url}/health`, { protocol });
    expect(await health.json()).toMatchObject({ status: "ready", endpoint: server.url });
  },
);

test("any Host works over TLS, however short", async () => {
  await using opened = await open();
  for (const host of ["x", "", "ab", "a.b", "localhost"]) {
    const bytes = rawRequest("GET /health").replace("millrace.test", host);
    expect(await rawHttp(opened.server.url, bytes)).toMatchObject({ status: 200 });
  }
});

test("HTTP/2 is not offered where the settings say so", async () => {
  await using opened = await open({ "http-tls-http2": false });
  const { hostname, port } = new URL(opened.server.url);
  const socket = tls.connect({
    ...{ host: hostname, port: Number(port), rejectUnauthorized: false },
    ALPNProtocols: ["h2", "http/1.1"],
  });
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  expect(socket.alpnProtocol).not.toBe("h2");
  socket.destroy();
});

test("another certificate is for new connections: polls and WebSockets go on, and all end with the server", async () => {
  await using opened = await open();
  const { server, client } = opened;
  const socket = new WebSocket(`${server.url.replace("https", "wss")}/deepstream-json`);
  const frames: unknown[] = [];
  socket.onmessage = ({ data }) => frames.push(data);
  await until("the WebSocket is open", () => socket.readyState === WebSocket.OPEN);
  const polls = (["http1.1", "http2"] as const).map((protocol) => {
    const headers = { authorization: client.adminToken };
    return fetch(`${server.url}/topics/c/t`, { protocol, headers });
  });
  const left = client.subscribe("c", "nobody's");
  await until("the polls wait", async () => (await client.waiters("c")) === 3);
  expect(await shownAt(server)).toBe("Millrace test one");

  opened.use("two");
  expect((await server.reload()).reloaded).toContain("certificates");
  for (let n = 0; n < 5; n += 1) expect(await shownAt(server)).toBe("Millrace test two");
  expect((await client.publish("c", "t", "a")).status).toBe(204);
  for (const poll of polls) expect(await (await poll).text()).toContain('"text":"a"');
  socket.send(JSON.stringify({ topic: 1, action: 2, url: "wss://x", protocolVersion: "0.1a" }));
  await until("the WebSocket is answered", () => frames.length > 0);

  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  await server[Symbol.asyncDispose]();
  expect((await left).body).toBe('{"items":[]}');
  await closed;
});

test("a key that does not fit leaves the old in force, and a reload without a change closes nothing", async () => {
  await using opened = await open();
  const { server } = opened;
  using connection = await openRaw(server.url);
  copyFileSync(certificatePath("two.key"), opened.key);
  const { failed } = await server.reload();
  expect(failed).toEqual([
    {
      name: "certificates",
      reason: `The key ${opened.key} does not belong to the certificate ${opened.certificate}.`,
    },
  ]);
  opened.use("one");
  expect((await server.reload()).failed).toEqual([]);
  expect(await shownAt(server)).toBe("Millrace test one");
  for (const _ of ["first", "second"]) {
    connection.write(rawRequest("GET /health"));
    expect(await connection.answer()).toMatchObject({ status: 200 });
  }
});

test("a second server on its port does not start", async () => {
  await using opened = await open();
  const { port } = new URL(opened.server.url);
  const error: unknown = await open({ port }).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(StartError);
  expect(String(error)).toEndWith(
    `The address 127.0.0.1:${port} is in use: another server listens there.`,
  );
});

test("a certificate that has expired is shown, with a warning", async () => {
  await using opened = await open({ "http-tls-certificate": certificatePath("expired.pem") });
  expect(await shownAt(opened.server)).toBe("Millrace test expired");
  expect(opened.lines.join("")).toMatch(
    /WARNING The certificate \S+ has expired \(Jan {2}1 .* 2021 GMT\)/,
  );
});

async function open(flags: Readonly<Record<string, string | boolean>> = {}) {
  const stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(temporaryDirectory());
  const [certificate, key] = [join(directory, "a.pem"), join(directory, "a.key")];
  const use = (name: "one" | "two") => {
    copyFileSync(certificatePath(`${name}.pem`), certificate);
    copyFileSync(certificatePath(`${name}.key`), key);
  };
  use("one");
  const data = join(directory, "data");
  const files = { "http-tls-certificate": certificate, "http-tls-key": key };
  const loaded = loadSettings({ environment: {}, flags: { port: "0", data, ...files, ...flags } });
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  const lines: string[] = [];
  const logSink = (line: string) => void lines.push(line);
  const server = stack.use(await startServer({ settings: loaded.settings, logSink }));
  const token = await adminToken(data, server.endpoint);
  const target = { url: server.url, adminToken: token, startedWith: startedWith() };
  const client = new Client(() => ({ ...target, close: async () => {} }));
  await client.putCache("c");
  return {
    ...{ server, client, lines, certificate, key, use },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The name on the certificate that a new connection is shown. */
async function shownAt({ url }: RunningServer): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const socket = tls.connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  const name: unknown = subject.CN;
  return typeof name === "string" ? name : undefined;
}
