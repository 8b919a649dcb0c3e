// The sockets: one Elysia application behind the Bun servers of a port and of the command line.

import { chmodSync, rmSync } from "node:fs";
import type { Server, WebSocketHandler } from "bun";
import type { Upgrade } from "../http/web-socket.ts";
import { Generations } from "./generations.ts";
import { Incoming, Turn } from "./incoming.ts";
import { Outgoing } from "./outgoing.ts";
import { StartError } from "./start-error.ts";

/** How long an idle connection, or a body that does not come, is waited for. Bun allows 255 at most. */
const IDLE_SECONDS = 30;
/** Larger bodies are refused by each API in its own words, before they are read. */
const BODY_BYTES_MAX = Number.MAX_SAFE_INTEGER;
const OWNER_ONLY = 0o600;
/** From here on, a URL of http or https has no slash but that of its path. */
const AUTHORITY_FROM = "https://".length;

export type Fetch = (request: Request) => Response | Promise<Response>;

export interface Application {
  readonly fetch: Fetch;
  /** The place in a URL from which on it looks for the slash that begins the path. */
  readonly pathFrom: number;
  readonly limits: WebSocketLimits;
}

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

export interface TcpAddress {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
}

/** Throws `StartError`. */
export function listenTcp(address: TcpAddress, application: Application): Listener {
  return listen(textOf(address), application, (handler) =>
    Bun.serve({ ...handler, ...optionsOf(address), reusePort: false }),
  );
}

/** For the command line: only the owner of the data directory can reach it. Throws `StartError`. */
export function listenUnix(path: string, application: Application): Listener {
  removeSocket(path);
  const listener = listen(path, application, (handler) => Bun.serve({ ...handler, unix: path }));
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

export function optionsOf({ host, port }: TcpAddress) {
  return { hostname: host, port, idleTimeout: IDLE_SECONDS };
}

export function textOf({ host, port }: TcpAddress): string {
  return `${host}:${port}`;
}

interface Handler {
  fetch(request: Request, server: Server<Incoming>): Response | Promise<Response>;
  readonly maxRequestBodySize: number;
  readonly development: false;
  readonly websocket: WebSocketHandler<Incoming>;
}

export type Serve = (handler: Handler) => Server<Incoming>;

export interface ReplaceableListener extends Listener {
  /** Resolves when only the other server accepts; rejects with `StartError`, and then nothing changes. */
  replace(serve: Serve): Promise<void>;
}

/** Throws `StartError`; `address` is what it calls the place. */
export function listen(
  address: string,
  { fetch, pathFrom, limits }: Application,
  serve: Serve,
): ReplaceableListener {
  /** By the request that was made anew in its place. */
  const originals = new WeakMap<Request, Request>();
  const handler: Handler = {
    fetch(request, server) {
      generations.note(request, server);
      const { url } = request;
      // Without a Host header that makes a URL, all there is is the path.
      const pathAt = url.startsWith("http") ? url.indexOf("/", AUTHORITY_FROM) : 0;
      if (pathAt >= pathFrom) return fetch(request);
      const whole = new Request(`http://localhost${url.slice(pathAt)}`, request);
      originals.set(whole, request);
      return fetch(whole);
    },
    maxRequestBodySize: BODY_BYTES_MAX,
    development: false,
    websocket: webSocketHandler(limits),
  };
  const turn = new Turn();
  const generations = new Generations(start(address, () => serve(handler)));
  /** The request as Bun knows it, and the server that it came to. */
  const origin = (request: Request): [Server<Incoming>, Request] => {
    const original = originals.get(request) ?? request;
    return [generations.serverOf(original), original];
  };
  const setTimeoutOf = (request: Request, seconds: number) => {
    const [server, original] = origin(request);
    server.timeout(original, seconds);
  };
  return {
    port: generations.port,
    upgrade(request, session) {
      const [server, original] = origin(request);
      return server.upgrade(original, { data: new Incoming(session, turn) });
    },
    holdOpen: (request) => setTimeoutOf(request, 0),
    addressOf(request) {
      const [server, original] = origin(request);
      return server.requestIP(original)?.address ?? "";
    },
    letIdle: (request) => setTimeoutOf(request, IDLE_SECONDS),
    replace: (another) => generations.replace(() => start(address, () => another(handler))),
    [Symbol.asyncDispose]: () => generations[Symbol.asyncDispose](),
  };
}

export function start<Data>(address: string, serve: () => Server<Data>): Server<Data> {
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
