// Long work in pieces leaves others their turn.

import { expect, test } from "bun:test";
import { Pace } from "../../src/server/pace.ts";

const LONGER_THAN_A_TURN_MS = 11;

test("what takes long waits for the next turn, and goes on in it", async () => {
  const pace = new Pace();
  expect(pace.rest()).toBeUndefined();
  Bun.sleepSync(LONGER_THAN_A_TURN_MS);
  const rests = pace.rest();
  expect(rests).toBeInstanceOf(Promise);
  let hasOthersTurn = false;
  setTimeout(() => {
    hasOthersTurn = true;
  }, 0);
  // A turn of the event loop may come before the timer is due.
  for (let wait = rests; !hasOthersTurn; wait = pace.rest()) {
    await wait;
    Bun.sleepSync(LONGER_THAN_A_TURN_MS);
    expect(pace.rest()).toBeUndefined();
    Bun.sleepSync(LONGER_THAN_A_TURN_MS);
  }
});
