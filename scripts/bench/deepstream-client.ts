/** Clients of deepstream's binary protocol over raw sockets, which decode nothing by themselves. */

import { getMessage } from "@deepstream/protobuf/dist/src/message-builder";
import { AUTH_ACTION, CONNECTION_ACTION, TOPIC } from "@deepstream/protobuf/dist/types/all";
import type { Socket } from "bun";
import { FrameReader, messageBytes, upgradeBytes } from "./web-socket-bytes.ts";

const PATH = "/deepstream";
const END_OF_HEAD = Buffer.from("\r\n\r\n");
/** So that the server's queue of new connections does not overflow. */
const CONNECTED_AT_ONCE = 100;

/** Something to say when the answer to what was said before is there. */
export interface Step {
  readonly bytes: Uint8Array;
  /** Frames that answer it. */
  readonly answers: number;
}

export interface Client {
  write(bytes: Uint8Array): void;
  /** Called with each frame that comes when the steps are done. */
  onFrame: (payload: Buffer) => void;
}

export interface SentMessage {
  readonly topic: number;
  readonly action: number;
  readonly [member: string]: unknown;
}

export function bytesOf(message: SentMessage): Buffer {
  return messageBytes(getMessage(message as never, false) as Uint8Array);
}

/** Resolves with clients that are logged in and have taken the steps. */
export async function connectAll(
  url: string,
  count: number,
  steps: (index: number) => readonly Step[],
  onFailure: (what: string) => void,
): Promise<readonly Client[]> {
  const clients: Client[] = [];
  while (clients.length < count) {
    const first = clients.length;
    const missing = Math.min(CONNECTED_AT_ONCE, count - first);
    const some = Array.from({ length: missing }, (_, index) =>
      connect(url, [...loginSteps(url), ...steps(first + index)], onFailure),
    );
    clients.push(...(await Promise.all(some)));
  }
  return clients;
}

function loginSteps(url: string): readonly Step[] {
  const challenge = { url, protocolVersion: "0.1a", sdkVersion: "7.0.5", sdkType: "javascript" };
  const { CHALLENGE } = CONNECTION_ACTION;
  const login = { topic: TOPIC.AUTH, action: AUTH_ACTION.REQUEST, data: "{}" };
  return [
    { bytes: bytesOf({ topic: TOPIC.CONNECTION, action: CHALLENGE, ...challenge }), answers: 1 },
    { bytes: bytesOf(login), answers: 1 },
  ];
}

async function connect(
  url: string,
  steps: readonly Step[],
  onFailure: (what: string) => void,
): Promise<Client> {
  const { hostname, port, host } = new URL(url);
  const reader = new FrameReader();
  const ready = Promise.withResolvers<Client>();
  let isUpgraded = false;
  let step = -1;
  let missing = 0;
  const advance = (socket: Socket) => {
    step += 1;
    const next = steps[step];
    missing = next?.answers ?? Number.POSITIVE_INFINITY;
    if (next !== undefined) socket.write(next.bytes);
    else ready.resolve(client);
  };
  const client: Client = { write: () => {}, onFrame: () => {} };
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data(socket, chunk) {
        if (step >= steps.length) {
          reader.read(chunk, client.onFrame);
          return;
        }
        const bytes = isUpgraded ? chunk : chunk.subarray(endOfHead(chunk, onFailure));
        if (!isUpgraded) advance(socket);
        isUpgraded = true;
        reader.read(bytes, () => {
          missing -= 1;
          if (missing === 0) advance(socket);
        });
      },
      close: () => onFailure("the server closed a connection"),
    },
  });
  client.write = (bytes) => {
    if (socket.write(bytes) !== bytes.length) onFailure("a message did not fit into the socket");
  };
  socket.write(upgradeBytes(host, PATH));
  return ready.promise;
}

function endOfHead(chunk: Buffer, onFailure: (what: string) => void): number {
  const end = chunk.indexOf(END_OF_HEAD);
  if (end === -1 || !chunk.toString("latin1", 0, end).includes(" 101 ")) {
    onFailure(chunk.toString());
  }
  return end + END_OF_HEAD.length;
}
