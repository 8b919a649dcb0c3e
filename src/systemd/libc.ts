// What only the C library of Linux can do: send a datagram to a Unix socket, which Bun has no call for.

import { dlopen } from "bun:ffi";

/** By the name of glibc, then those of musl. */
const LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];
const FUNCTIONS = {
  socket: { args: ["int", "int", "int"], returns: "int" },
  setsockopt: { args: ["int", "int", "int", "ptr", "u32"], returns: "int" },
  sendto: { args: ["int", "ptr", "usize", "int", "ptr", "u32"], returns: "i64" },
  close: { args: ["int"], returns: "int" },
  getpid: { args: [], returns: "int" },
  clock_gettime: { args: ["int", "ptr"], returns: "int" },
} as const;

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0o2000002;
const SOL_SOCKET = 1;
const SO_SNDTIMEO = 21;
const MSG_NOSIGNAL = 0x4000;
const CLOCK_MONOTONIC = 1;
/** How long a receiver that does not read may hold the sender up. */
const SEND_SECONDS_MAX = 1n;
/** Of `sockaddr_un`, with the zero that ends it. */
const PATH_BYTES_MAX = 108;

export interface Libc extends Disposable {
  readonly processId: number;
  /** Of the clock that no change of the time moves, as services on this machine share it. */
  monotonicMicroseconds(): bigint;
  /** To a socket by its path, or by `@` and its name in the abstract namespace. False: it did not get there. */
  sendDatagram(address: string, text: string): boolean;
}

/** Undefined where there is none of the libraries that it knows. */
export function openLibc(): Libc | undefined {
  const library = load();
  if (library === undefined) return undefined;
  const { symbols } = library;
  return {
    processId: symbols.getpid(),
    monotonicMicroseconds() {
      const time = new BigInt64Array(2);
      symbols.clock_gettime(CLOCK_MONOTONIC, time);
      const [seconds = 0n, nanoseconds = 0n] = time;
      return seconds * 1_000_000n + nanoseconds / 1000n;
    },
    sendDatagram(address, text) {
      const encoded = encodeAddress(address);
      if (encoded === undefined) return false;
      const socket = symbols.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
      if (socket < 0) return false;
      const timeout = BigInt64Array.of(SEND_SECONDS_MAX, 0n);
      symbols.setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, timeout, timeout.byteLength);
      const bytes = Buffer.from(text);
      const { length } = bytes;
      const sent = symbols.sendto(socket, bytes, length, MSG_NOSIGNAL, encoded, encoded.length);
      symbols.close(socket);
      return Number(sent) === length;
    },
    [Symbol.dispose]: () => library.close(),
  };
}

function load() {
  for (const name of LIBRARIES) {
    try {
      return dlopen(name, FUNCTIONS);
    } catch {
      // It has another C library.
    }
  }
  return undefined;
}

/** A `sockaddr_un`, little-endian: a path ends with a zero, an abstract name begins with one. */
function encodeAddress(address: string): Uint8Array | undefined {
  const isAbstract = address.startsWith("@");
  const name = Buffer.from(isAbstract ? `\0${address.slice(1)}` : `${address}\0`);
  if (!(isAbstract || address.startsWith("/")) || name.length > PATH_BYTES_MAX) return undefined;
  return Buffer.concat([Uint8Array.of(AF_UNIX, 0), name]);
}
