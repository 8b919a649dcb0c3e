// What the service manager that started the server is told of it, in the words of sd_notify(3).

import { platform } from "node:os";
import { openLibc } from "./libc.ts";

export interface Supervisor extends Disposable {
  /** How often it wants a sign of life; undefined: never. */
  readonly watchdogMs: number | undefined;
  /** The start or the reload is over; `status` is what an administrator is shown. */
  ready(status: string): void;
  reloading(): void;
  stopping(): void;
  signOfLife(): void;
}

/** The variables by which a service manager says what it wants. */
export interface SupervisorEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
  readonly WATCHDOG_PID?: string | undefined;
}

/**
 * One that is told nothing, where no service manager has asked for it. `onFault` is given one sentence,
 * once, when it cannot be told.
 */
export function openSupervisor(
  environment: SupervisorEnvironment,
  onFault: (sentence: string) => void,
): Supervisor {
  const { NOTIFY_SOCKET: address = "" } = environment;
  if (address === "" || platform() !== "linux") return NOBODY;
  const libc = openLibc();
  if (libc === undefined) {
    onFault("The service manager cannot be told how the server is: the C library is not known.");
    return NOBODY;
  }
  let isLost = false;
  const tell = (...lines: string[]) => {
    if (libc.sendDatagram(address, lines.join("\n")) || isLost) return;
    isLost = true;
    onFault(
      `The service manager cannot be told how the server is: nobody reads NOTIFY_SOCKET, which is ${address}.`,
    );
  };
  return {
    watchdogMs: watchdogMs(environment, libc.processId),
    ready: (status) => tell("READY=1", `STATUS=${status}`),
    reloading: () => tell("RELOADING=1", `MONOTONIC_USEC=${libc.monotonicMicroseconds()}`),
    stopping: () => tell("STOPPING=1", "STATUS=Stopping"),
    signOfLife: () => tell("WATCHDOG=1"),
    [Symbol.dispose]: () => libc[Symbol.dispose](),
  };
}

const NOBODY: Supervisor = {
  watchdogMs: undefined,
  ready() {},
  reloading() {},
  stopping() {},
  signOfLife() {},
  [Symbol.dispose]() {},
};

function watchdogMs(environment: SupervisorEnvironment, processId: number): number | undefined {
  const { WATCHDOG_USEC, WATCHDOG_PID } = environment;
  const isForUs = WATCHDOG_PID === undefined || WATCHDOG_PID === String(processId);
  if (!isForUs || !/^[1-9][0-9]{0,15}$/.test(WATCHDOG_USEC ?? "")) return undefined;
  return Number(WATCHDOG_USEC) / 1000;
}
