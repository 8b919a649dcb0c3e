// The executable with a certificate: which versions of TLS it speaks, and a renewal as certbot does it.

import { expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { DeepstreamClient as RealClient } from "@deepstream/client";
import { temporaryDirectory } from "../cli/millrace.ts";
import { Clients } from "../conformance/deepstream-ws/clients.ts";
import { upTo } from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { certificatePath } from "../support/certificates.ts";
import { type ServerProcess, serve, untilWaiting } from "../support/executable.ts";
import { roundTrip, wentWell } from "../support/round-trip.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(120_000);

const POLLS = 200;
const RENEWALS = 5;

// What fetch and WebSocket of this process look at whenever they connect.
Bun.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";

test.each([
  ["-tls1", undefined],
  ["-tls1_1", undefined],
  ["-tls1_2", "TLSv1.2"],
  ["-tls1_3", "TLSv1.3"],
] as const)("openssl s_client %s", async (flag, version) => {
  using directory = temporaryDirectory();
  await using server = await serveWith(new Renewals(directory.path), directory.path);
  const { stdout, exitCode } = await handshake(server, flag);
  if (version === undefined) {
    expect(stdout).toContain("Cipher is (NONE)");
    expect(exitCode).not.toBe(0);
  } else {
    expect(stdout).toContain(`New, ${version}, Cipher is `);
  }
});

test("renewals as certbot does them cut no poll and no WebSocket", async () => {
  using directory = temporaryDirectory();
  const renewals = new Renewals(directory.path);
  await using server = await serveWith(renewals, directory.path);
  const client = new Client(() => server);
  await client.putCache("c");
  const clients = new Clients(() => server.url);
  const alice = await clients.login("alice");
  const bob = await clients.login("bob");
  const heard: unknown[] = [];
  alice.event.subscribe("news", (data: unknown) => heard.push(data));
  const polls = upTo(POLLS).map((number) => {
    const protocol = number % 2 === 0 ? "http1.1" : "http2";
    const headers = { authorization: client.adminToken };
    return fetch(`${server.url}/topics/c/t`, { protocol, headers });
  });
  await untilWaiting(server, POLLS);
  for (const number of upTo(RENEWALS)) {
    const name = renewals.renew();
    await until("it is taken up", () => {
      return server.stderr().split("parts=certificates").length === number + 1;
    });
    expect((await handshake(server, "-tls1_3")).stdout).toContain(`CN = Millrace test ${name}`);
    bob.event.emit("news", number);
    await until("the WebSockets go on", () => heard.length === number);
  }
  await untilWaiting(server, POLLS);
  expect((await client.publish("c", "t", "at last")).status).toBe(204);
  for (const poll of polls) expect(await (await poll).text()).toContain('"text":"at last"');
  for (const one of [alice, bob]) expect([one.errors, one.states]).toEqual([[], alice.states]);
  await clients.closeAll();
  const url = server.url.replace(/^https/, "wss");
  expect(await roundTrip(RealClient, url, "after")).toEqual(wentWell("after"));
  server.kill("SIGTERM");
  const { exitCode, stderr } = await server.ended;
  expect(exitCode).toBe(0);
  expect(stderr).not.toMatch(/ERROR|WARN/);
});

/** An archive of certificates, and a folder of links to the newest, one replaced after the other. */
class Renewals {
  readonly certificate: string;
  readonly key: string;
  readonly #directory: string;
  #count = 0;

  constructor(directory: string) {
    this.#directory = directory;
    this.certificate = join(directory, "live/fullchain.pem");
    this.key = join(directory, "live/privkey.pem");
    for (const folder of ["live", "archive"]) mkdirSync(join(directory, folder));
    this.renew();
  }

  /** Returns which of the test's certificates it is now. */
  renew(): "one" | "two" {
    this.#count += 1;
    const name = this.#count % 2 === 0 ? "two" : "one";
    for (const [from, to] of [
      [`${name}.key`, "privkey"],
      [`${name}.pem`, "fullchain"],
    ] as const) {
      const archived = join(this.#directory, `archive/${to}${this.#count}.pem`);
      copyFileSync(certificatePath(from as `${typeof name}.key`), archived);
      const link = join(this.#directory, "live/anew");
      symlinkSync(`../archive/${to}${this.#count}.pem`, link);
      renameSync(link, join(this.#directory, `live/${to}.pem`));
    }
    return name;
  }
}

function serveWith({ certificate, key }: Renewals, directory: string): Promise<ServerProcess> {
  return serve(join(directory, "data"), [
    ...["--http-tls-certificate", certificate, "--http-tls-key", key],
    "--http-tls-check-seconds=1",
  ]);
}

async function handshake({ url }: ServerProcess, flag: string) {
  const { host } = new URL(url);
  const openssl = Bun.which("openssl");
  if (openssl === null) throw new Error("openssl is needed: apt-get install openssl");
  // Else this end would not even ask for the old versions.
  const words = ["s_client", "-connect", host, flag, "-cipher", "ALL:@SECLEVEL=0"];
  const child = Bun.spawn([openssl, ...words], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, exitCode] = await Promise.all([child.stdout.text(), child.exited]);
  return { stdout, exitCode };
}
