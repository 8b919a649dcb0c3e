// The other end of $NOTIFY_SOCKET: a datagram socket as systemd has one, which Bun cannot make by itself.

import { dlopen } from "bun:ffi";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until.ts";

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0o2000002;
const MSG_DONTWAIT = 0x40;
const MESSAGE_BYTES_MAX = 4096;

export interface NotifyReceiver extends Disposable {
  /** What NOTIFY_SOCKET is to be set to. */
  readonly address: string;
  /** All that came since the last call, in order. */
  take(): string[];
  /** Resolves to the first message that contains the text, when it is there; others before it are dropped. */
  next(text: string): Promise<string>;
}

/** By a path, or else by a name in the abstract namespace. */
export function openNotifyReceiver(kind: "path" | "abstract" = "path"): NotifyReceiver {
  const { symbols } = dlopen("libc.so.6", {
    socket: { args: ["int", "int", "int"], returns: "int" },
    bind: { args: ["int", "ptr", "u32"], returns: "int" },
    recv: { args: ["int", "ptr", "usize", "int"], returns: "i64" },
    close: { args: ["int"], returns: "int" },
  });
  const folder = mkdtempSync(join(tmpdir(), "millrace-notify-"));
  const path = join(folder, "notify");
  const address = kind === "path" ? path : `@${path}`;
  const name = Buffer.from(kind === "path" ? `${path}\0` : `\0${path}`);
  const encoded = Buffer.concat([Uint8Array.of(AF_UNIX, 0), name]);
  const socket = symbols.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (symbols.bind(socket, encoded, encoded.length) !== 0) throw new Error(`no bind to ${address}`);
  const buffer = new Uint8Array(MESSAGE_BYTES_MAX);
  const receive = () => {
    const length = Number(symbols.recv(socket, buffer, buffer.length, MSG_DONTWAIT));
    return length < 0 ? undefined : new TextDecoder().decode(buffer.subarray(0, length));
  };
  const take = () => {
    const messages: string[] = [];
    for (let one = receive(); one !== undefined; one = receive()) messages.push(one);
    return messages;
  };
  return {
    address,
    take,
    next: (text) =>
      until(`a message with ${text}`, () => {
        for (let one = receive(); one !== undefined; one = receive()) {
          if (one.includes(text)) return one;
        }
        return undefined;
      }),
    [Symbol.dispose]() {
      symbols.close(socket);
      rmSync(folder, { recursive: true });
    },
  };
}
