/** Keeps many connections on each of which one request waits. Run as a process of its own. */
import type { Socket } from "bun";
import { bodyOf, requestBytes, responseLength, statusOf } from "./http-bytes.ts";
import { type CrowdOrder, type CrowdPlan, type CrowdWord, now } from "./waiters.ts";

/** So that the server's queue of new connections does not overflow. */
const CONNECTED_AT_ONCE = 100;
const OK = 200;

interface Connection {
  /** The beginning of an answer whose end has not come. */
  partial: Buffer | undefined;
}

const plan = JSON.parse(process.argv[2] ?? "") as CrowdPlan;
const { hostname, port, host } = new URL(plan.url);
const sockets: Socket<Connection>[] = [];
let answered = 0;
let firstAt = 0;
let firstBody = Buffer.alloc(0);

while (sockets.length < plan.count) {
  const missing = Math.min(CONNECTED_AT_ONCE, plan.count - sockets.length);
  sockets.push(...(await Promise.all(Array.from({ length: missing }, connect))));
}
process.on("message", (order) => send(order as CrowdOrder));
say({ kind: "ready" });

function connect(): Promise<Socket<Connection>> {
  return Bun.connect<Connection>({
    hostname,
    port: Number(port),
    data: { partial: undefined },
    socket: { data: receive, close: () => fail("the server closed a connection") },
  });
}

function send(order: CrowdOrder): void {
  const request = requestBytes({ ...order, host, body: "" });
  answered = 0;
  for (const socket of sockets) {
    if (socket.write(request) !== request.length) fail("a request did not fit into the socket");
  }
  say({ kind: "sent" });
}

function receive(socket: Socket<Connection>, chunk: Buffer): void {
  const { partial } = socket.data;
  const bytes = partial === undefined ? chunk : Buffer.concat([partial, chunk]);
  const length = responseLength(bytes);
  socket.data.partial = length === 0 ? Buffer.from(bytes) : undefined;
  if (length === 0) return;
  if (length !== bytes.length || statusOf(bytes) !== OK) fail(bytes.toString());
  count(bytes);
}

function count(response: Buffer): void {
  answered += 1;
  if (answered === 1) {
    firstAt = now();
    firstBody = Buffer.from(bodyOf(response));
  } else if (!bodyOf(response).equals(firstBody)) {
    fail(`others got ${firstBody}, one got ${response}`);
  }
  if (answered < plan.count) return;
  say({ kind: "answered", firstAt, lastAt: now(), answerBytes: response.length });
}

function say(word: CrowdWord): void {
  process.send?.(word);
}

function fail(what: string): never {
  console.error(`A waiter failed: ${what.slice(0, 1000)}`);
  process.exit(1);
}
