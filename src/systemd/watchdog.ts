// Gives the service manager its signs of life, which end when the server hangs.

import type { Supervisor } from "./supervisor.ts";

/**
 * Twice in the time that the service manager allows, it asks for a heartbeat, and gives the sign when
 * that has come. So there is none while the event loop hangs, nor while what beats does. Disposing
 * ends it.
 */
export function keepWatched(supervisor: Supervisor, heartbeat: () => Promise<void>): Disposable {
  if (supervisor.watchdogMs === undefined) return { [Symbol.dispose]() {} };
  let isAsking = false;
  let isOver = false;
  const ask = async () => {
    if (isAsking) return;
    isAsking = true;
    await heartbeat();
    isAsking = false;
    if (!isOver) supervisor.signOfLife();
  };
  const timer = setInterval(() => void ask(), Math.max(1, supervisor.watchdogMs / 2));
  return {
    [Symbol.dispose]() {
      isOver = true;
      clearInterval(timer);
    },
  };
}
