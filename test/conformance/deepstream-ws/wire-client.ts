// A client that sends whatever frames it is told, well made or not, and keeps what comes back.

import { getMessage } from "@deepstream/protobuf/dist/src/message-builder";
import { parse } from "@deepstream/protobuf/dist/src/message-parser";
import {
  AUTH_ACTION,
  CONNECTION_ACTION,
  EVENT_ACTION,
  PARSER_ACTION,
  PRESENCE_ACTION,
  RECORD_ACTION,
  RPC_ACTION,
  TOPIC,
} from "@deepstream/protobuf/dist/types/all";
import { until } from "../../support/until.ts";

/** A message as a row of a table: its action by name, its topic in front, and its other members. */
export type Row = readonly [name: string, members?: Readonly<Record<string, unknown>>];

const ACTIONS: Readonly<Record<string, Readonly<Record<string, number | string>>>> = {
  PARSER: PARSER_ACTION as never,
  CONNECTION: CONNECTION_ACTION as never,
  AUTH: AUTH_ACTION as never,
  EVENT: EVENT_ACTION as never,
  // One action is newer than the package.
  RECORD: { ...(RECORD_ACTION as object), PATCH_MULTI: 35, 35: "PATCH_MULTI" },
  RPC: RPC_ACTION as never,
  PRESENCE: PRESENCE_ACTION as never,
};

export class WireClient {
  readonly received: Row[] = [];
  readonly #socket: WebSocket;
  readonly #json: boolean;
  #closed: { readonly code: number; readonly reason: string } | undefined;

  private constructor(socket: WebSocket, json: boolean) {
    this.#socket = socket;
    this.#json = json;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.received.push(read(data));
    socket.onclose = ({ code, reason }) => {
      this.#closed = { code, reason };
    };
  }

  static async open(url: string, path = "/deepstream"): Promise<WireClient> {
    const socket = new WebSocket(url.replace(/^http/, "ws").replace(/\/$/, "") + path);
    const client = new WireClient(socket, path.startsWith("/deepstream-json"));
    await until("the socket is open", () => socket.readyState === WebSocket.OPEN);
    return client;
  }

  /** One that is logged in, and has forgotten how. */
  static async login(url: string, username?: string, path?: string): Promise<WireClient> {
    const client = await WireClient.open(url, path);
    client.send(["CONNECTION CHALLENGE", { url, protocolVersion: "0.1a" }]);
    client.send(["AUTH REQUEST", { data: JSON.stringify({ username }) }]);
    await client.until("AUTH AUTH_SUCCESSFUL");
    client.received.length = 0;
    return client;
  }

  send(...rows: readonly Row[]): void {
    for (const row of rows) this.#socket.send(this.#json ? JSON.stringify(write(row)) : frame(row));
  }

  sendRaw(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data);
  }

  /** The first message of this name, waited for. */
  async until(name: string): Promise<Row> {
    return await until(`${name} after ${JSON.stringify(this.received)}`, () =>
      this.received.find(([each]) => each === name),
    );
  }

  /** The next messages, so many, waited for; they are then forgotten. */
  async take(count: number): Promise<Row[]> {
    await until(`${count} messages, not ${JSON.stringify(this.received)}`, () => {
      return this.received.length >= count;
    });
    return this.received.splice(0, count);
  }

  /** What has come until the server answers a ping, which is in order with all else. Then forgotten. */
  async settled(): Promise<Row[]> {
    this.send(["CONNECTION PING"]);
    await this.until("CONNECTION PONG");
    return this.received.splice(0).filter(([name]) => name !== "CONNECTION PONG");
  }

  async closed(): Promise<{ readonly code: number; readonly reason: string }> {
    return await until("the socket is closed", () => this.#closed);
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  close(): void {
    this.#socket.close();
  }
}

/** The bytes of a message. */
export function frame(row: Row): Uint8Array<ArrayBuffer> {
  return new Uint8Array(getMessage(write(row), false));
}

function write([name, members]: Row): Record<string, unknown> & { topic: number } {
  const [topic = "", action = ""] = name.split(" ");
  const number = ACTIONS[topic]?.[action];
  if (typeof number !== "number") throw new Error(`there is no action ${name}`);
  return { topic: TOPIC[topic as keyof typeof TOPIC], action: number, ...members };
}

function read(data: string | ArrayBuffer): Row {
  const [message] = typeof data === "string" ? [JSON.parse(data)] : parse(new Uint8Array(data));
  const { topic, action, names, versions, ...members } = message as Record<string, unknown>;
  const topicName = TOPIC[topic as number] ?? "";
  const name = `${topicName} ${ACTIONS[topicName]?.[action as number]}`;
  // Decoded messages have these empty where they are not there.
  if (Array.isArray(names) && names.length > 0) members.names = names;
  if (Object.keys(versions ?? {}).length > 0) members.versions = versions;
  return Object.keys(members).length === 0 ? [name] : [name, members];
}
