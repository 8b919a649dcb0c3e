// Tells the administrator of a failing disk once, and once when it is over.

import type { Fault } from "./commands.ts";

export type Work = "Writing" | "Retention";

export interface HealthListener {
  /** A fault of the disk or of the program, of another kind than the one told before. */
  readonly onFault: (work: Work, message: string) => void;
  /** The work goes on again after a fault. */
  readonly onRecovery: (work: Work) => void;
}

/** Where a short write fits and a long one does not, the disk is still failing. */
export class WriteHealth {
  readonly #listener: HealthListener;
  #code: Fault["code"] | undefined;
  #failedBytes = 0;

  constructor(listener: HealthListener) {
    this.#listener = listener;
  }

  get isFailing(): boolean {
    return this.#code !== undefined;
  }

  failed(fault: Fault, bytes: number): void {
    this.#failedBytes = this.#code === undefined ? bytes : Math.min(this.#failedBytes, bytes);
    if (fault.code === this.#code) return;
    this.#code = fault.code;
    this.#listener.onFault("Writing", fault.message);
  }

  succeeded(bytes: number): void {
    if (this.#code === undefined || bytes < this.#failedBytes) return;
    this.#code = undefined;
    this.#listener.onRecovery("Writing");
  }
}
