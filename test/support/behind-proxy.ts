// What must work through a proxy that is set up as README.md says, in front of the compiled executable.

import { expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import { DeepstreamClient as RealClient } from "@deepstream/client";
import { temporaryDirectory } from "../cli/millrace.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { type ServerProcess, serve, untilWaiting } from "./executable.ts";
import { roundTrip, wentWell } from "./round-trip.ts";
import { until } from "./until.ts";

/** More than the minute after which proxies lose patience. */
const LONG_MS = 75_000;
/** More than the 20 seconds that connections to the server are kept for, and less than its own 30. */
const IDLE_MS = 25_000;

const SETTINGS = ["--http-trusted-proxies=127.0.0.1,::1"];
const ONE_FAILURE = [
  ...["--deepstream-auth=email", "--deepstream-login-address-failures=1"],
  "--deepstream-login-address-seconds=86400",
];

export interface ReverseProxy extends AsyncDisposable {
  /** Of HTTPS on this machine. */
  readonly url: string;
}

/** Of a proxy that was just started: resolves when it answers. Disposing ends it and removes its directory. */
export async function proxyAt(
  port: number,
  child: Bun.Subprocess<"ignore" | undefined, "ignore" | "pipe" | undefined, "pipe">,
  directory: string,
): Promise<ReverseProxy> {
  const complaints = child.stderr.text();
  const url = `https://127.0.0.1:${port}`;
  await until("the proxy", async () => {
    if (child.exitCode !== null) throw new Error(await complaints);
    return await fetch(`${url}/health`).catch(() => undefined);
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
      rmSync(directory, { recursive: true });
    },
  };
}

/** `open` starts the proxy in front of a server, and resolves when it answers. */
export function behindProxy(open: (server: ServerProcess) => Promise<ReverseProxy>): void {
  setDefaultTimeout(180_000);
  Bun.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";

  test("polls wait for longer than a minute, by HTTP/1.1 and HTTP/2, and end with their message", async () => {
    await using all = await start(open);
    const { client, server, proxy } = all;
    const polls = (["http1.1", "http2"] as const).map((protocol) => {
      const headers = { authorization: client.adminToken };
      return fetch(`${proxy.url}/topics/c/t`, { protocol, headers });
    });
    await untilWaiting(server, 2);
    await Bun.sleep(LONG_MS);
    expect((await client.publish("c", "t", "late")).status).toBe(204);
    for (const poll of polls) {
      const answer = await poll;
      expect([answer.status, await answer.text()]).toEqual([
        200,
        expect.stringContaining('"text":"late"'),
      ]);
    }
  });

  test("a poll whose client is gone is given up", async () => {
    await using all = await start(open);
    const abort = new AbortController();
    const poll = all.client.subscribe("c", "t", "", { signal: abort.signal }).catch(() => "gone");
    await untilWaiting(all.server, 1);
    abort.abort();
    expect(await poll).toBe("gone");
    await untilWaiting(all.server, 0);
  });

  test("publishes go through after a while in which nothing did", async () => {
    await using all = await start(open);
    for (const pauseMs of [0, IDLE_MS, 0]) {
      await Bun.sleep(pauseMs);
      expect((await all.client.publish("c", "t", "x".repeat(1_048_576))).status).toBe(204);
    }
  });

  test("deepstream's client works over wss", async () => {
    await using all = await start(open);
    const url = all.proxy.url.replace(/^https/, "wss");
    expect(await roundTrip(RealClient, url, "proxy")).toEqual(wentWell("proxy"));
  });

  test("each client has its own address, whatever it says itself", async () => {
    await using all = await start(open, ONE_FAILURE);
    const failures = async (from: string, ...headers: string[]) => {
      const data = JSON.stringify({ type: "email", email: `${from}@example.com`, password: "x" });
      const child = Bun.spawn([
        ...["curl", "-sko", "/dev/null", "-w", "%{http_code}", "--interface", from, "-d", data],
        ...["-H", "Content-Type: application/json", ...headers.flatMap((one) => ["-H", one])],
        `${all.proxy.url}/api/auth`,
      ]);
      return await child.stdout.text();
    };
    expect(await failures("127.0.0.2")).toBe("401");
    expect(await failures("127.0.0.2")).toBe("429");
    expect(await failures("127.0.0.2", "X-Forwarded-For: 192.0.2.1")).toBe("429");
    expect(await failures("127.0.0.3", "X-Forwarded-For: 127.0.0.2")).toBe("401");
  });
}

async function start(
  open: (server: ServerProcess) => Promise<ReverseProxy>,
  settings: readonly string[] = [],
) {
  await using opened = new AsyncDisposableStack();
  const data = opened.use(temporaryDirectory());
  const server = opened.use(await serve(data.path, [...SETTINGS, ...settings]));
  const proxy = opened.use(await open(server));
  const client = new Client(() => ({ ...server, url: proxy.url }));
  await client.putCache("c");
  const all = opened.move();
  return { server, proxy, client, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
