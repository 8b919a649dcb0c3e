// Takes up what may change while the server runs, and keeps the old of what cannot be used.

import { differences } from "../config/differences.ts";
import type { Settings } from "../config/schema.ts";
import type { Log } from "../telemetry/log.ts";

export interface Reloadable {
  /** As a line of the log names it, in the plural: `certificates`. */
  readonly name: string;
  /** The settings that take effect by it. */
  readonly keys?: readonly string[];
  /** Takes up the new; throws why it cannot, in one sentence, and then the old stays in force. */
  reload(settings: Settings): Promise<void> | void;
}

export interface Reloaded {
  /** The names of what was taken up. */
  readonly reloaded: readonly string[];
  /** What stays as it was. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[];
  /** Keys of settings that have another value now, which counts after a restart. */
  readonly restart: readonly string[];
}

export interface ReloadOptions {
  /** Those in force. */
  readonly settings: Settings;
  /** Reads them anew, from where they came from. Throws what is wrong with them. */
  readonly readSettings: () => Settings;
  readonly parts: readonly Reloadable[];
  /** Told when one begins and when it is over, however it went. */
  readonly onReload?: (isUnderWay: boolean) => void;
  readonly log: Log;
}

export class Reloads {
  readonly #options: ReloadOptions;
  #last: Promise<unknown> = Promise.resolve();
  /** The one that has not begun yet. */
  #queued: Promise<Reloaded> | undefined;

  constructor(options: ReloadOptions) {
    this.#options = options;
  }

  /**
   * Resolves when all is taken up that can be; it is logged as well. All that it takes up is read after
   * the call: one that comes while another is at work waits for that, and all who wait share one.
   */
  reload(): Promise<Reloaded> {
    const { onReload = () => {} } = this.#options;
    this.#queued ??= Promise.allSettled([this.#last]).then(() => {
      this.#queued = undefined;
      onReload(true);
      return this.#run().finally(() => onReload(false));
    });
    this.#last = this.#queued;
    return this.#queued;
  }

  async #run(): Promise<Reloaded> {
    const { settings, readSettings, parts, log } = this.#options;
    let anew: Settings;
    try {
      anew = readSettings();
    } catch (cause) {
      const reason = reasonOf(cause);
      log.error("Reload failed; all stays as it is", { reason });
      return { reloaded: [], failed: [{ name: "configuration", reason }], restart: [] };
    }
    const reloaded: string[] = [];
    const failed: { name: string; reason: string }[] = [];
    for (const part of parts) {
      const reason = await takeUp(part, anew, log);
      if (reason === undefined) reloaded.push(part.name);
      else failed.push({ name: part.name, reason });
    }
    const taken = parts.flatMap(({ keys = [] }) => keys);
    const restart = differences(settings, anew).filter((key) => !taken.includes(key));
    if (reloaded.length > 0) log.info("Reloaded", { parts: reloaded.join(", ") });
    if (restart.length > 0) {
      log.warn("Settings have changed that take effect after a restart", {
        settings: restart.join(", "),
      });
    }
    return { reloaded, failed, restart };
  }
}

/** Resolves to why it failed, which is logged; undefined: it did not. */
export async function takeUp(
  part: Reloadable,
  settings: Settings,
  log: Log,
): Promise<string | undefined> {
  try {
    await part.reload(settings);
    return undefined;
  } catch (cause) {
    const reason = reasonOf(cause);
    log.error(`Reload of ${part.name} failed; the old stay in force`, { reason });
    return reason;
  }
}

/** In one line. */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replaceAll(/\s*\n\s*/g, " ");
}
