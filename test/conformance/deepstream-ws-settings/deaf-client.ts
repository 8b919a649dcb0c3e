// A client that logs in, subscribes, and from then on reads nothing.

import { until } from "../../support/until.ts";
import { frame, type Row } from "../deepstream-ws/wire-client.ts";

export interface DeafClient extends Disposable {
  readonly bytesRead: number;
}

/** Called "deaf", and subscribed to the event. */
export async function openDeafClient(url: string, event: string): Promise<DeafClient> {
  const { hostname, port, protocol } = new URL(url);
  let bytesRead = 0;
  let text = "";
  let isSecret = protocol === "http:";
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    ...(protocol === "https:" ? { tls: { rejectUnauthorized: false } } : {}),
    socket: {
      handshake() {
        isSecret = true;
      },
      data(_, bytes) {
        bytesRead += bytes.byteLength;
        text += bytes.toString("latin1");
      },
    },
  });
  await until("the socket can be written to", () => isSecret);
  socket.write(
    [
      "GET /deepstream HTTP/1.1",
      `Host: ${hostname}:${port}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "\r\n",
    ].join("\r\n"),
  );
  await until("the socket is open", () => text.includes("\r\n\r\n"));
  const rows: readonly Row[] = [
    ["CONNECTION CHALLENGE", { url }],
    ["AUTH REQUEST", { data: '{"username":"deaf"}' }],
  ];
  for (const row of rows) socket.write(masked(frame(row)));
  const before = bytesRead;
  await until("it is logged in", () => bytesRead > before + 12);
  socket.write(masked(frame(["EVENT SUBSCRIBE", { names: [event], correlationId: "0" }])));
  const login = bytesRead;
  await until("it is subscribed", () => bytesRead > login);
  socket.pause();
  return {
    get bytesRead() {
      return bytesRead;
    },
    [Symbol.dispose]: () => void socket.terminate(),
  };
}

/** As a client's frame of bytes, of 125 at most, with a mask that changes nothing. */
function masked(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([0x82, 0x80 | bytes.byteLength, 0, 0, 0, 0, ...bytes]);
}
