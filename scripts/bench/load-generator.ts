/** Sends requests over raw sockets as fast as they are answered. Run as a process of its own. */
import type { Socket } from "bun";
import { requestBytes, responseLength, statusOf } from "./http-bytes.ts";
import type { LoadPlan } from "./load.ts";
import { measureLoad } from "./measure-load.ts";

interface Connection {
  /** The beginning of an answer whose end has not come. */
  partial: Buffer | undefined;
}

const plan = (await Bun.stdin.json()) as LoadPlan;
const { hostname, port, host } = new URL(plan.url);
const requests = plan.names.map((name) => requestBytes({ ...requestFor(name), host }));
const expected = plan.expects === undefined ? undefined : Buffer.from(plan.expects);
let answered = 0;
let isRunning = true;

const sockets = await Promise.all(Array.from({ length: plan.connections }, connect));
for (const socket of sockets) send(socket);
await Bun.sleep(plan.warmSeconds * 1000);
const load = await measureLoad(plan, () => answered);
isRunning = false;
for (const socket of sockets) socket.end();
console.log(JSON.stringify(load));
process.exit(0);

function requestFor(name: string) {
  const { target, body, ...rest } = plan.request;
  return {
    ...rest,
    target: target.replaceAll("{name}", name),
    body: body.replaceAll("{name}", name),
  };
}

function connect(): Promise<Socket<Connection>> {
  return Bun.connect<Connection>({
    hostname,
    port: Number(port),
    data: { partial: undefined },
    socket: { data: receive, close: noteClose },
  });
}

function send(socket: Socket<Connection>): void {
  const request = requests[Math.floor(Math.random() * requests.length)];
  if (request === undefined) throw new Error("no names");
  if (socket.write(request) !== request.length) fail("a request did not fit into the socket");
}

function receive(socket: Socket<Connection>, chunk: Buffer): void {
  const { partial } = socket.data;
  const bytes = partial === undefined ? chunk : Buffer.concat([partial, chunk]);
  const length = responseLength(bytes);
  socket.data.partial = length === 0 ? Buffer.from(bytes) : undefined;
  if (length === 0) return;
  if (length !== bytes.length || statusOf(bytes) !== plan.status) fail(bytes.toString());
  if (expected !== undefined && !bytes.includes(expected)) fail(bytes.toString());
  answered += 1;
  if (isRunning) send(socket);
}

function noteClose(): void {
  if (isRunning) fail("the server closed a connection");
}

function fail(what: string): never {
  console.error(`A request failed: ${what.slice(0, 1000)}`);
  process.exit(1);
}
