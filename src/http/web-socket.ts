// The port between a WebSocket that the server holds and the API that speaks over it.

import type { Maybe } from "../core/maybe.ts";

export type Frame = string | Uint8Array;

/** The server's end of one WebSocket. */
export interface WebSocketPeer {
  /**
   * Hands the frame to the socket, in order. Where the other end does not read and too much is unsent
   * already, the frame is dropped and the WebSocket closes, in a turn of its own.
   */
  send(frame: Frame): void;
  /** What was sent before still goes out. `closed` is called before it returns. */
  close(code: number, reason: string): void;
}

/** What an API does with one WebSocket. None of these may throw, or reject. */
export interface WebSocketSession {
  /** Called first. */
  opened(peer: WebSocketPeer): void;
  /** A promise: the next frames are to wait until it has resolved. */
  received(frame: Frame): Maybe<void>;
  /** The other end sent a ping or a pong of the WebSocket protocol. */
  heard(): void;
  /** Called once, last, for whatever reason. */
  closed(): void;
}

/** Makes the connection of a request a WebSocket of the session; false: it did not ask for one. */
export type Upgrade = (request: Request, session: WebSocketSession) => boolean;
