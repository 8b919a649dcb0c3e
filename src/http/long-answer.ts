// Sends a long answer as fast as its client reads it, and tells when it has gone: of one that is handed over whole, nobody learns that.

import type { Deadlines } from "../core/deadlines.ts";

const PIECE_BYTES = 65_536;
/** A client that reads less in a second than this is cut off, after the time that an idle connection has. */
const BYTES_PER_SECOND_MIN = 16_384;
const IDLE_SECONDS = 30;

/**
 * The body of the answer to `request`. `over` is called once: when the last of it was handed to the
 * connection, when the client is gone, or when it takes too long to read.
 */
export function longAnswer(
  deadlines: Deadlines,
  request: Request,
  whole: Uint8Array<ArrayBuffer>,
  over: () => void,
): ReadableStream<Uint8Array> {
  let rest = whole;
  let isOver = false;
  let callOff: () => void = () => {};
  const end = () => {
    if (isOver) return;
    isOver = true;
    rest = new Uint8Array();
    callOff();
    request.signal.removeEventListener("abort", end);
    over();
  };
  request.signal.addEventListener("abort", end);
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const seconds = IDLE_SECONDS + whole.byteLength / BYTES_PER_SECOND_MIN;
        callOff = deadlines.after(seconds * 1000, () => {
          end();
          controller.error(new Error("the client reads too slowly"));
        });
        if (request.signal.aborted) end();
      },
      pull(controller) {
        controller.enqueue(rest.subarray(0, PIECE_BYTES));
        rest = rest.subarray(PIECE_BYTES);
        if (rest.byteLength > 0) return;
        controller.close();
        end();
      },
      cancel: end,
    },
    // Nothing is taken before the connection has room for it.
    { highWaterMark: 0 },
  );
}
