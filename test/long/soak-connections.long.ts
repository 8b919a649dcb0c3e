// Minutes of programs that come and go by WebSocket, well behaved or not, leave nothing behind.

import { expect, test } from "bun:test";
import { DeepstreamClient as RealClient } from "@deepstream/client";
import { temporaryDirectory } from "../cli/millrace.ts";
import { DeepstreamClient } from "../conformance/deepstream-http/client.ts";
import { type Client, Clients } from "../conformance/deepstream-ws/clients.ts";
import {
  type DeafClient,
  openDeafClient,
} from "../conformance/deepstream-ws-settings/deaf-client.ts";
import { upTo } from "../conformance/momento-http/answers.ts";
import { Client as TopicsClient } from "../conformance/momento-http/client.ts";
import { type Measured, measure, type ServerProcess, serve } from "../support/executable.ts";
import { roundTrip, wentWell } from "../support/round-trip.ts";
import { beRude } from "../support/rude-clients.ts";
import { openTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const MINUTES = Number(Bun.env.SOAK_MINUTES ?? 4);
const PROGRAMS = 24;
const CALLERS = 3;
const RUDE = 4;
const DEAF = 3;
const GIVING_UP = 2;
/** Names of each kind, so that the visitors meet. */
const NAMES = 12;
const SAMPLE_MS = 1000;
const CUT_EVERY_MS = 2000;
const FLOOD_EVERY_MS = 20;
const FLOOD = "x".repeat(60_000);
const MESSAGE_BYTES_MAX = 65_536;
/** Of deaf clients who are never closed from this side. */
const LEFT_MAX = 40;
const SETTLED_MS = 90_000;

const SETTINGS = [
  "--deepstream-connection-heartbeat-ms=1500",
  "--deepstream-connection-login-timeout-ms=2000",
  `--deepstream-connection-message-bytes-max=${MESSAGE_BYTES_MAX}`,
  "--deepstream-connection-unsent-bytes-max=1048576",
  "--deepstream-rpc-ack-timeout-ms=300",
  "--deepstream-rpc-response-timeout-ms=1000",
  "--deepstream-listen-response-timeout-ms=200",
  "--deepstream-listen-rematch-ms=2000",
];

test(`after ${MINUTES} minutes no connection, subscription, waiter, call or memory is left`, async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path, SETTINGS);
  await new TopicsClient(() => server).putCache("c");
  const before = await measure(server);
  await using soak = new Soak(server);
  const residents = await soak.run(MINUTES * 60_000);
  // Those who are deaf still hold their end.
  await untilLike(server, before);
  const quarter = Math.floor(residents.length / 4);
  const early = median(residents.slice(quarter, 2 * quarter));
  const late = median(residents.slice(-quarter));
  const after = (await measure(server)).residentBytes;
  console.log(
    `${soak.report()}; MiB ${[before.residentBytes, early, late, after].map(mebibytes).join(" → ")}`,
  );
  expect(late / early).toBeLessThan(1.3);
  expect(after / early).toBeLessThan(1.3);
  soak.expectBusy();
  const url = server.url.replace(/^http/, "ws").replace(/\/$/, "");
  expect(await roundTrip(RealClient, url, "after")).toEqual(wentWell("after"));
  server.kill("SIGTERM");
  const { exitCode, stderr } = await server.ended;
  expect(exitCode).toBe(0);
  expect(stderr).not.toMatch(/ERROR|WARN/);
});

class Soak implements AsyncDisposable {
  readonly #counts = { visits: 0, acts: 0, heard: 0, calls: 0, answered: 0, rude: 0, deaf: 0 };
  readonly #most: Record<string, number> = {};
  readonly #server: ServerProcess;
  readonly #http: DeepstreamClient;
  readonly #proxy: TcpProxy;
  readonly #left: DeafClient[] = [];
  #isOver = false;

  constructor(server: ServerProcess) {
    this.#server = server;
    this.#http = new DeepstreamClient(() => server);
    this.#proxy = openTcpProxy(server.url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const deaf of this.#left) deaf[Symbol.dispose]();
    this.#proxy[Symbol.dispose]();
  }

  report(): string {
    return `${JSON.stringify(this.#counts)}, at once at most ${JSON.stringify(this.#most)}`;
  }

  /** That there was something to be left behind. */
  expectBusy(): void {
    for (const count of Object.values(this.#counts)) expect(count).toBeGreaterThan(20);
    expect(this.#left.length).toBeGreaterThan(1);
    for (const most of Object.values(this.#most)) expect(most).toBeGreaterThan(0);
  }

  /** Resolves to samples of the memory that the server takes. */
  async run(durationMs: number): Promise<readonly number[]> {
    const loops = [
      ...upTo(PROGRAMS).map((number) => this.#loop(() => this.#visit(number))),
      ...upTo(CALLERS).map(() => this.#loop(() => this.#callOverHttp())),
      ...upTo(RUDE).map(() => this.#loop(() => this.#beRude())),
      ...upTo(DEAF).map(() => this.#loop(() => this.#beDeaf())),
      ...upTo(GIVING_UP).map(() => this.#loop(() => this.#giveUp())),
      this.#loop(() => this.#flood()),
      this.#loop(() => this.#cut()),
    ];
    const residents: number[] = [];
    const end = performance.now() + durationMs;
    while (performance.now() < end) {
      const { residentBytes, ...figures } = await measure(this.#server);
      residents.push(residentBytes);
      for (const [name, figure] of Object.entries(figures)) {
        this.#most[name] = Math.max(this.#most[name] ?? 0, figure);
      }
      await Bun.sleep(SAMPLE_MS);
    }
    this.#isOver = true;
    await Promise.all(loops);
    return residents;
  }

  async #loop(step: () => Promise<void>): Promise<void> {
    while (!this.#isOver) await step();
  }

  /** A program of the real client does some of everything, and leaves with or without a word. */
  async #visit(number: number): Promise<void> {
    const clients = new Clients(() => (number % 2 === 0 ? this.#server.url : this.#proxy.url));
    const client = clients.connect();
    // One that is cut at its login hears of it no more.
    const isIn = client.login({ username: `user ${number % NAMES}` }).then(
      () => true,
      () => false,
    );
    if (await Promise.race([isIn, Bun.sleep(3000)])) {
      this.#counts.visits += 1;
      // Once for each name: who provides or listens to one a second time is wrong.
      for (const name of upTo(NAMES)) {
        // The client does not bear to be used while it connects again.
        if (String(client.getConnectionState()) === "OPEN") this.#act(client, name);
        await Bun.sleep(Math.random() * 100);
      }
    }
    await clients.closeAll().catch(() => {});
  }

  #act(client: Client, name: number): void {
    this.#counts.acts += 1;
    const acts = [
      () => client.event.subscribe(`event/${name}`, () => this.#count("heard")),
      () => client.event.emit(`event/${name}`, { text: "x".repeat(Math.random() * 2000) }),
      () => client.record.getRecord(`record/${name}`).set(`at[${name % 5}]`, Math.random()),
      () => client.record.snapshot(`record/${name}`).catch(() => {}),
      () => client.record.getList(`list/${name}`).setEntries([`record/${name}`]),
      () => client.presence.subscribe(() => {}),
      () => client.presence.subscribe(`user ${name}`, () => {}),
      () => client.presence.getAll().catch(() => {}),
      () => client.event.listen(`^event/${name}$`, decide),
      () => client.record.listen(`^record/${name}.*`, decide),
      () => client.rpc.provide(`rpc/${name}`, answerOrNot),
      () => this.#call(client, name),
      () => this.#call(client, name),
    ];
    void acts[Math.floor(Math.random() * acts.length)]?.();
  }

  #call(client: Client, name: number): void {
    this.#counts.calls += 1;
    client.rpc.make(`rpc/${name}`, { name }).then(
      () => this.#count("answered"),
      () => {},
    );
  }

  #count(what: "heard" | "answered"): void {
    this.#counts[what] += 1;
  }

  async #callOverHttp(): Promise<void> {
    const name = anyName();
    const { body } = await this.#http.batch([
      { topic: "rpc", action: "make", rpcName: `rpc/${name}`, data: { name } },
      { topic: "event", action: "emit", eventName: `event/${name}`, data: name },
      { topic: "record", action: "write", recordName: `record/${name}`, path: "http", data: name },
      { topic: "presence", action: "query" },
    ]);
    expect(body).toHaveLength(4);
    this.#counts.calls += 1;
    await Bun.sleep(Math.random() * 20);
  }

  async #beRude(): Promise<void> {
    this.#counts.rude += 1;
    await beRude(this.#server.url, MESSAGE_BYTES_MAX);
  }

  /** Subscribes to the flood and reads nothing; goes away without a word, or never. */
  async #beDeaf(): Promise<void> {
    const deaf = await openDeafClient(this.#server.url, "flood");
    this.#counts.deaf += 1;
    if (chance(0.5) && this.#left.length < LEFT_MAX) this.#left.push(deaf);
    else {
      await Bun.sleep(Math.random() * 2000);
      deaf[Symbol.dispose]();
    }
    await Bun.sleep(Math.random() * 1000);
  }

  /** A poll of a topic that nobody publishes to. */
  async #giveUp(): Promise<void> {
    const signal = AbortSignal.timeout(Math.ceil(Math.random() * 200));
    await new TopicsClient(() => this.#server)
      .subscribe("c", "quiet", "", { signal })
      .catch(() => {});
  }

  async #flood(): Promise<void> {
    const emit = { topic: "event", action: "emit", eventName: "flood", data: FLOOD };
    await this.#http.run([emit]);
    await Bun.sleep(FLOOD_EVERY_MS);
  }

  async #cut(): Promise<void> {
    await Bun.sleep(CUT_EVERY_MS);
    this.#proxy.cut();
  }
}

interface ListenResponse {
  accept(): void;
  reject(): void;
}

/** Accepts, rejects, or leaves the server waiting. */
function decide(_: string, response: ListenResponse): void {
  const number = Math.random();
  if (number < 0.6) response.accept();
  else if (number < 0.8) response.reject();
}

interface RpcResponse {
  send(data: unknown): void;
  error(error: string): void;
  reject(): void;
}

function answerOrNot(data: unknown, response: RpcResponse): void {
  const number = Math.random();
  if (number < 0.6) response.send(data);
  else if (number < 0.7) response.error("no");
  else if (number < 0.8) response.reject();
}

async function untilLike(server: ServerProcess, wanted: Measured): Promise<void> {
  const { residentBytes: _, ...figures } = wanted;
  let last: Partial<Measured> = {};
  const isLike = async () => {
    const { residentBytes: __, ...now } = await measure(server);
    last = now;
    return Bun.deepEquals(now, figures);
  };
  await until("all is as before", isLike, SETTLED_MS).catch(() => expect(last).toEqual(figures));
}

function anyName(): number {
  return Math.ceil(Math.random() * NAMES);
}

function chance(probability: number): boolean {
  return Math.random() < probability;
}

function median(figures: readonly number[]): number {
  return figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] ?? 0;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
