// What one WebSocket brings in: as much of it as fits into a turn of the event loop, and the rest later.

import type { Maybe } from "../core/maybe.ts";
import type { Frame, WebSocketSession } from "../http/web-socket.ts";

/** For the messages of one connection, beside what each may take, after which others have their turn. */
const TURN_MS = 50;
/** Many small ones take no turns: while they hold up the socket, their sender cannot send more. */
const MESSAGE_MS = 0.1;
/** That may wait of one connection, which is cut off then: small messages can ask for much. */
const WAITING_BYTES_MAX = 16_777_216;
const FRAME_OVERHEAD_BYTES = 64;

/** Which turn of the event loop it is, for all connections of a server. */
export class Turn {
  number = 0;
  #isOn = false;

  /** To be called when something happens in a turn. */
  enter(): number {
    if (!this.#isOn) {
      this.#isOn = true;
      setImmediate(() => {
        this.number += 1;
        this.#isOn = false;
      });
    }
    return this.number;
  }
}

export class Incoming {
  readonly session: WebSocketSession;
  readonly #turn: Turn;
  #turnNumber = -1;
  #allowedUntil = 0;
  /** Messages that wait for a later turn, in order; undefined: none. */
  #waiting: Frame[] | undefined;
  /** The one that is being handled, and those that came with it. */
  #handled: Frame[] = [];
  #waitingBytes = 0;
  #isClosed = false;

  constructor(session: WebSocketSession, turn: Turn) {
    this.session = session;
    this.#turn = turn;
  }

  /** False: too much waits, and the connection is to be cut off. */
  receive(frame: Frame): boolean {
    if (this.#isClosed) return true;
    if (this.#waiting === undefined && !this.#isTurnOver()) {
      const waits = this.session.received(frame);
      if (waits !== undefined) this.#beginWaiting([], waits);
      return true;
    }
    this.#waitingBytes += frame.length + FRAME_OVERHEAD_BYTES;
    if (this.#waitingBytes > WAITING_BYTES_MAX) {
      this.#isClosed = true;
      return false;
    }
    if (this.#waiting === undefined) this.#beginWaiting([frame], undefined);
    else this.#waiting.push(frame);
    return true;
  }

  /** Messages that are held. */
  get held(): number {
    return this.#handled.length + (this.#waiting?.length ?? 0);
  }

  /** What still waits is dropped. */
  closed(): void {
    this.#isClosed = true;
    // At once: the message that they wait for may wait for a rule.
    for (const frames of [this.#handled, this.#waiting]) frames?.splice(0);
    this.session.closed();
  }

  #isTurnOver(): boolean {
    const number = this.#turn.enter();
    const now = performance.now();
    if (number !== this.#turnNumber) {
      this.#turnNumber = number;
      this.#allowedUntil = now + TURN_MS;
    }
    this.#allowedUntil += MESSAGE_MS;
    return now > this.#allowedUntil;
  }

  #beginWaiting(frames: Frame[], taken: Maybe<void>): void {
    this.#waiting = frames;
    void this.#work(taken);
  }

  /** Frames wait for `taken`, and each for the one before it. */
  async #work(taken: Maybe<void>): Promise<void> {
    await taken;
    while (this.#waiting !== undefined && this.#waiting.length > 0) {
      const frames = this.#waiting;
      this.#handled = frames;
      this.#waiting = [];
      await new Promise(setImmediate);
      let beganAt = performance.now();
      for (const frame of frames) {
        if (performance.now() - beganAt > TURN_MS) {
          await new Promise(setImmediate);
          beganAt = performance.now();
        }
        if (this.#isClosed) return;
        this.#waitingBytes -= frame.length + FRAME_OVERHEAD_BYTES;
        // In any case, so that what the message made others do counts, too.
        await this.session.received(frame);
      }
    }
    this.#waiting = undefined;
    this.#handled = [];
  }
}
