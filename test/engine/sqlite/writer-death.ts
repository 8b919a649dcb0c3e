// When the writer thread dies, whoever waits on it is answered, and closing does not hang.

import { afterEach, describe, expect, test } from "bun:test";
import type { FromWriter, WriterOptions } from "../../../src/engine/sqlite/commands.ts";
import { packMessage } from "../../../src/engine/sqlite/thread-message.ts";
import { WriterClient } from "../../../src/engine/sqlite/writer-client.ts";
import { ROOMY } from "../../support/open-engine.ts";
import { refusal } from "../../support/refusal.ts";

const OPTIONS: WriterOptions = {
  ...ROOMY,
  directory: "",
  durability: "full",
  checkpoint: "server",
  upgradeCopy: true,
  bytesMax: 0,
  reserveBytes: 0,
};
const REVOKE = { kind: "revoke", id: "id" } as const;
const HUNG = "hung";

/** A thread that opens, then answers nothing, until it dies. */
class DyingWorker {
  static last: DyingWorker;
  onmessage: ((event: { data: unknown }) => void) | undefined;
  onerror: ((event: { message: string }) => void) | undefined;
  #isOpen = false;

  constructor() {
    DyingWorker.last = this;
  }

  postMessage(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#answer({ kind: "opened" });
  }

  #answer(message: FromWriter): void {
    queueMicrotask(() => this.onmessage?.({ data: packMessage(message) }));
  }

  die(): void {
    this.onerror?.({ message: "out of memory" });
  }

  terminate(): void {}
}

export function writerDeathRules(): void {
  describe("a writer thread that died", () => {
    const { Worker } = globalThis;
    afterEach(() => {
      globalThis.Worker = Worker;
    });

    test("leaves the outcome of what was sent, and of what waited, unknown, and says so to the server", async () => {
      const { writer, deaths } = await openDying();
      const sent = writer.write(REVOKE);
      await new Promise(setImmediate);
      const waiting = writer.write(REVOKE);
      DyingWorker.last.die();
      const errors = [await refusal(() => sent), await refusal(() => waiting)];
      expect(errors.map(({ code }) => code)).toEqual(["outcome_unknown", "outcome_unknown"]);
      expect(deaths).toHaveLength(1);
      expect(writer.writing).toBe("dead");
    });

    test("refuses what comes later", async () => {
      const { writer } = await openDying();
      DyingWorker.last.die();
      expect(await settled(writer.write(REVOKE))).not.toBe(HUNG);
    });

    test("has no heartbeat, neither one that was asked for before nor after", async () => {
      const { writer } = await openDying();
      const before = writer.heartbeat();
      DyingWorker.last.die();
      expect(await settled(Promise.race([before, writer.heartbeat()]))).toBe(HUNG);
    });

    test("can be closed when nothing was in flight", async () => {
      const { writer } = await openDying();
      DyingWorker.last.die();
      expect(await settled(writer.close())).not.toBe(HUNG);
    });

    test("can be closed when something was in flight", async () => {
      const { writer } = await openDying();
      const sent = settled(writer.write(REVOKE));
      await new Promise(setImmediate);
      DyingWorker.last.die();
      await sent;
      expect(await settled(writer.close())).not.toBe(HUNG);
    });

    test("that dies while it is closed ends the closing", async () => {
      const { writer } = await openDying();
      const closing = writer.close();
      DyingWorker.last.die();
      expect(await settled(closing)).not.toBe(HUNG);
    });
  });
}

async function openDying() {
  globalThis.Worker = DyingWorker as unknown as typeof Worker;
  const deaths: Error[] = [];
  const writer = await WriterClient.open(OPTIONS, {
    groupCommandsMax: 10,
    queueBytesMax: 1_000_000,
    onFault: () => {},
    onRecovery: () => {},
    onGroup: () => {},
    onRetained: () => {},
    onDeath: (cause) => deaths.push(cause),
    onCommitted: () => {},
  });
  return { writer, deaths };
}

/** How it ended after some turns of the event loop, in which nothing else can happen to it. */
async function settled(work: Promise<unknown>): Promise<unknown> {
  const turns = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    return HUNG;
  };
  return Promise.race([work.catch((cause: unknown) => cause), turns()]);
}
