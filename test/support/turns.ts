// Lets everything happen that needs no time.

/** So many turns of the event loop: promises settle, timers of zero run, and nothing else is waited for. */
export async function turns(count = 10): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

const PENDING = Symbol("pending");

/** Whether the promise settles without anything more being done. */
export async function isPending(work: Promise<unknown>): Promise<boolean> {
  const settled = work.then(
    () => undefined,
    () => undefined,
  );
  return (await Promise.race([settled, turns().then(() => PENDING)])) === PENDING;
}
