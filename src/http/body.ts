// Reads request bodies within their bounds: of each, of all together, and of time.

import type { BodyBudget, BodyShare } from "../core/body-budget.ts";
import type { HoldServices } from "./held-open.ts";

/**
 * Not timed up to this, which spares most publishes a deadline: Bun closes a connection that brings less
 * than 16 KiB a second over its idle timeout of 30 seconds, so such a body has ended one way or the other by then.
 * Once it has come, Bun waits for the answer without an end.
 */
const UNTIMED_BYTES_MAX = 65_536;

export interface BodyServices extends HoldServices {
  readonly bodies: BodyBudget;
  /** Whether a connection may carry several requests at once: then it does not end where one body does not come. */
  readonly connectionsAreShared: boolean;
}

export interface BodyBounds {
  readonly bytesMax: number;
  readonly tooLarge: () => Error;
}

/**
 * Takes from `share` what it reads: a length that is announced before, chunks as they come. Until the
 * share is disposed, which is to be when the answer is known, the connection does not count as one on
 * which nothing happens. Fails with `tooLarge()` before it has read more than `bytesMax`, with
 * `limit_exceeded` or with `body_late`.
 */
export function readBody(
  services: BodyServices,
  request: Request,
  share: BodyShare,
  { bytesMax, tooLarge }: BodyBounds,
): Promise<ArrayBuffer> {
  const length = request.headers.get("content-length");
  if (length === null) return readChunks(services, request, share, { bytesMax, tooLarge });
  const bytes = Number(length);
  if (bytes > bytesMax) throw tooLarge();
  share.take(bytes);
  const arrival = request.arrayBuffer();
  // Where there is nothing to wait for, Bun waits no longer than for a request without a body.
  const isUntimed = bytes > 0 && bytes <= UNTIMED_BYTES_MAX && !services.connectionsAreShared;
  return isUntimed ? arrival : inTime(services, request, share, arrival);
}

async function readChunks(
  services: BodyServices,
  request: Request,
  share: BodyShare,
  bounds: BodyBounds,
): Promise<ArrayBuffer> {
  const { body } = request;
  const arrival = body === null ? Promise.resolve(new ArrayBuffer(0)) : gather(body, share, bounds);
  return await inTime(services, request, share, arrival);
}

/** All of a stream, in one buffer. Takes from `share` and fails as `readBody` does. */
export async function gather(
  body: ReadableStream<Uint8Array>,
  share: BodyShare,
  { bytesMax, tooLarge }: BodyBounds,
): Promise<ArrayBuffer> {
  // One buffer: chunks may be of one byte, and an object for each would take a hundred times that.
  const whole = new Bun.ArrayBufferSink();
  const reader = body.getReader();
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return whole.end() as ArrayBuffer;
    size += value.byteLength;
    // The answer ends the stream. A cancel, as `for await` does, can wait for the client to end it.
    if (size > bytesMax) throw tooLarge();
    share.take(value.byteLength);
    whole.write(value);
  }
}

/** Holds the connection, so that a slow body is told of its deadline, until the share is disposed. */
function inTime<Body>(
  { bodies, holdOpen, letIdle }: BodyServices,
  request: Request,
  share: BodyShare,
  arrival: Promise<Body>,
): Promise<Body> {
  holdOpen(request);
  share.whenOver(() => letIdle(request));
  return bodies.bound(arrival);
}
