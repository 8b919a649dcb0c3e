// Clients of the WebSocket that break off, say nothing, or send what is no message.

import { WireClient } from "../conformance/deepstream-ws/wire-client.ts";
import { upTo } from "../conformance/momento-http/answers.ts";
import { openRaw, rawRequest } from "./raw-http.ts";
import { until } from "./until.ts";

const HANDSHAKE = rawRequest("GET /deepstream", [
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
]);

/** What no client does that is right in its mind; chance says what. It is gone when this resolves. */
export async function beRude(url: string, messageBytesMax: number): Promise<void> {
  const kinds = [
    () => breakOff(url),
    () => sayNothing(url),
    () => sendNoise(url),
    () => sendNonsense(url),
    () => sendNonsense(url, "/deepstream-json"),
    () => sendTooMuch(url, messageBytesMax),
  ];
  await kinds[Math.floor(Math.random() * kinds.length)]?.();
}

/** In the middle of the handshake. */
async function breakOff(url: string): Promise<void> {
  using connection = await openRaw(url);
  connection.write(HANDSHAKE.slice(0, Math.ceil(Math.random() * HANDSHAKE.length)));
  await Bun.sleep(Math.random() * 50);
}

/** Until the server has enough of it, or not so long. */
async function sayNothing(url: string): Promise<void> {
  using connection = await openRaw(url);
  connection.write(HANDSHAKE);
  await Bun.sleep(Math.random() * 3000);
}

/** Bytes that are no frames. */
async function sendNoise(url: string): Promise<void> {
  using connection = await openRaw(url);
  connection.write(HANDSHAKE);
  await until("the socket is open", () => connection.has("\r\n\r\n"));
  for (const _ of upTo(5)) connection.write(noise(1000));
  await Bun.sleep(Math.random() * 50);
}

/** Frames that are no messages, from one who is logged in and has subscribed. */
async function sendNonsense(url: string, path?: string): Promise<void> {
  const client = await WireClient.login(url, "rude", path);
  client.send(["EVENT SUBSCRIBE", { names: ["event/1", "event/2"], correlationId: "0" }]);
  for (const _ of upTo(20)) client.sendRaw(path === undefined ? noise(100) : "{[");
  await Bun.sleep(Math.random() * 50);
  client.close();
}

/** In one message, which ends the connection. */
async function sendTooMuch(url: string, messageBytesMax: number): Promise<void> {
  const client = await WireClient.login(url, "rude");
  client.send(["EVENT SUBSCRIBE", { names: ["event/1"], correlationId: "0" }]);
  client.sendRaw(new Uint8Array(2 * messageBytesMax));
  await client.closed();
}

function noise(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}
