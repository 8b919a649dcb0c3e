// What is sent over WebSockets: gathered for a turn of the event loop, so that many frames cost one system call.

import type { ServerWebSocket } from "bun";
import type { Frame, WebSocketPeer } from "../http/web-socket.ts";
import type { Incoming } from "./incoming.ts";

/** That may gather for one socket; what is in one's own answers would fill the memory within a turn. */
const GATHERED_BYTES_MAX = 65_536;

/** The peers of one server that have something to send at the end of this turn. */
export class Outgoing {
  #peers: Peer[] = [];

  peerOf(socket: ServerWebSocket<Incoming>): WebSocketPeer {
    return new Peer(socket, this);
  }

  /** The peer has its first frame of this turn. */
  add(peer: Peer): void {
    if (this.#peers.length === 0) setImmediate(() => this.#flush());
    this.#peers.push(peer);
  }

  #flush(): void {
    const peers = this.#peers;
    this.#peers = [];
    for (const peer of peers) peer.flush();
  }
}

class Peer implements WebSocketPeer {
  readonly #socket: ServerWebSocket<Incoming>;
  readonly #outgoing: Outgoing;
  #frames: Frame[] | undefined;
  #bytes = 0;
  #isCut = false;

  constructor(socket: ServerWebSocket<Incoming>, outgoing: Outgoing) {
    this.#socket = socket;
    this.#outgoing = outgoing;
  }

  send(frame: Frame): void {
    if (this.#isCut) return;
    if (this.#frames === undefined) {
      this.#frames = [frame];
      this.#outgoing.add(this);
    } else {
      this.#frames.push(frame);
    }
    this.#bytes += frame.length;
    if (this.#bytes > GATHERED_BYTES_MAX) this.#hand();
  }

  close(code: number, reason: string): void {
    this.flush();
    this.#isCut = true;
    this.#socket.close(code, reason);
  }

  /** To be called at the end of the turn. */
  flush(): void {
    this.#hand();
    this.#frames = undefined;
  }

  #hand(): void {
    const frames = this.#frames;
    const [first] = frames ?? [];
    if (frames === undefined || first === undefined) return;
    this.#bytes = 0;
    if (frames.length === 1) {
      frames.length = 0;
      this.#write(first);
      return;
    }
    this.#frames = [];
    this.#socket.cork(() => {
      for (const frame of frames) this.#write(frame);
    });
  }

  #write(frame: Frame): void {
    if (this.#isCut || this.#socket.send(frame) !== 0 || frame.length === 0) return;
    this.#isCut = true;
    // Later, because its end is news for others, to whom as little may get through.
    setImmediate(() => this.#socket.terminate());
  }
}
