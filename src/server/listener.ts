// The sockets: one Elysia application behind one or two Bun servers.

import { chmodSync, rmSync } from "node:fs";
import type { Server, WebSocketHandler } from "bun";
import type { Upgrade } from "../http/web-socket.ts";
import { Incoming, Turn } from "./incoming.ts";
import { Outgoing } from "./outgoing.ts";
import { StartError } from "./start-error.ts";

/** How long an idle connection, or a body that does not come, is waited for. Bun allows 255 at most. */
const IDLE_SECONDS = 30;
/** Larger bodies are refused by each API in its own words, before they are read. */
const BODY_BYTES_MAX = Number.MAX_SAFE_INTEGER;
const DRAIN_MS = 1000;
const OWNER_ONLY = 0o600;

export type Fetch = (request: Request) => Response | Promise<Response>;

export interface WebSocketLimits {
  /** Of a message; whoever sends more is cut off without a word. */
  readonly messageBytesMax: number;
  /** That may wait for the other end to read, beside the last message. */
  readonly unsentBytesMax: number;
}

export interface Listener extends AsyncDisposable {
  readonly port: number;
  readonly upgrade: Upgrade;
  /** Keeps the connection of a request that waits from being called idle. */
  holdOpen(request: Request): void;
  /** Of the other end of the connection; empty on a local socket. */
  addressOf(request: Request): string;
  /** Takes `holdOpen` back, for a request that waits no longer. */
  letIdle(request: Request): void;
}

export function listenTcp(
  host: string,
  port: number,
  fetch: Fetch,
  limits: WebSocketLimits,
): Listener {
  const idleTimeout = IDLE_SECONDS;
  return listen(`${host}:${port}`, fetch, limits, (handler) =>
    Bun.serve({ ...handler, hostname: host, port, idleTimeout, reusePort: false }),
  );
}

/** For the command line: only the owner of the data directory can reach it. Throws `StartError`. */
export function listenUnix(path: string, fetch: Fetch, limits: WebSocketLimits): Listener {
  removeSocket(path);
  const listener = listen(path, fetch, limits, (handler) => Bun.serve({ ...handler, unix: path }));
  chmodSync(path, OWNER_ONLY);
  return listener;
}

/** The directory is locked, so a socket that is there was left by a server that was killed. */
function removeSocket(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : String(cause);
    throw new StartError(
      `${path} is in the way of the socket for the command line and cannot be removed (${code}): move it away.`,
      { cause },
    );
  }
}

interface Handler {
  readonly fetch: Fetch;
  readonly maxRequestBodySize: number;
  readonly development: false;
  readonly websocket: WebSocketHandler<Incoming>;
}

function listen(
  address: string,
  fetch: Fetch,
  limits: WebSocketLimits,
  serve: (handler: Handler) => Server<Incoming>,
): Listener {
  /** By the request that was made anew in its place. */
  const originals = new WeakMap<Request, Request>();
  const handler: Handler = {
    fetch(request) {
      if (request.url.startsWith("http")) return fetch(request);
      // Without a Host header that makes a URL, all there is is the path.
      const whole = new Request(`http://localhost${request.url}`, request);
      originals.set(whole, request);
      return fetch(whole);
    },
    maxRequestBodySize: BODY_BYTES_MAX,
    development: false,
    websocket: webSocketHandler(limits),
  };
  const turn = new Turn();
  const server = start(address, () => serve(handler));
  const setTimeoutOf = (request: Request, seconds: number) =>
    server.timeout(originals.get(request) ?? request, seconds);
  return {
    port: server.port ?? 0,
    upgrade: (request, session) =>
      server.upgrade(originals.get(request) ?? request, { data: new Incoming(session, turn) }),
    holdOpen: (request) => setTimeoutOf(request, 0),
    addressOf: (request) => server.requestIP(originals.get(request) ?? request)?.address ?? "",
    letIdle: (request) => setTimeoutOf(request, IDLE_SECONDS),
    [Symbol.asyncDispose]: () => stop(server),
  };
}

/** Accepts nothing more, lets what is in flight end for a moment, then cuts what is left. */
async function stop(server: Server<Incoming>): Promise<void> {
  const cut = setTimeout(() => void server.stop(true), DRAIN_MS);
  await server.stop(false);
  clearTimeout(cut);
}

function start(address: string, serve: () => Server<Incoming>): Server<Incoming> {
  try {
    return serve();
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const code = "code" in cause ? cause.code : undefined;
    if (code === "EADDRINUSE") {
      throw new StartError(`The address ${address} is in use: another server listens there.`);
    }
    throw new StartError(`Listening on ${address} is not possible: ${cause.message}`, { cause });
  }
}

function webSocketHandler({
  messageBytesMax,
  unsentBytesMax,
}: WebSocketLimits): WebSocketHandler<Incoming> {
  const outgoing = new Outgoing();
  return {
    maxPayloadLength: messageBytesMax,
    backpressureLimit: unsentBytesMax,
    // Whether a client still lives is for the protocol to say.
    idleTimeout: 0,
    sendPings: false,
    perMessageDeflate: false,
    open: (socket) => socket.data.session.opened(outgoing.peerOf(socket)),
    message: (socket, frame) => {
      // Later, because its end is news for others.
      if (!socket.data.receive(frame)) setImmediate(() => socket.terminate());
    },
    ping: (socket) => socket.data.session.heard(),
    pong: (socket) => socket.data.session.heard(),
    close: (socket) => socket.data.closed(),
  };
}
