// What is said to $NOTIFY_SOCKET, heard at a real datagram socket, and when signs of life end.

import { describe, expect, test } from "bun:test";
import { platform } from "node:os";
import { openSupervisor, type Supervisor } from "../../src/systemd/supervisor.ts";
import { keepWatched } from "../../src/systemd/watchdog.ts";
import { openNotifyReceiver } from "../support/notify-receiver.ts";
import { until } from "../support/until.ts";

const isLinux = platform() === "linux";

describe.if(isLinux)("a service manager is told", () => {
  test.each(["path", "abstract"] as const)("in its own words, at an address by %s", (kind) => {
    using receiver = openNotifyReceiver(kind);
    using supervisor = openSupervisor({ NOTIFY_SOCKET: receiver.address }, unexpected);
    supervisor.ready("Listening ünd more");
    supervisor.reloading();
    supervisor.stopping();
    supervisor.signOfLife();
    expect(receiver.take()).toEqual([
      "READY=1\nSTATUS=Listening ünd more",
      expect.stringMatching(/^RELOADING=1\nMONOTONIC_USEC=[1-9]\d*$/),
      "STOPPING=1\nSTATUS=Stopping",
      "WATCHDOG=1",
    ]);
  });

  test.each(["/nobody/listens/here", "no-path", `/${"long".repeat(30)}`, "vsock:2:1234"])(
    "or it is said once that %p cannot be",
    (address) => {
      const faults: string[] = [];
      using supervisor = openSupervisor({ NOTIFY_SOCKET: address }, (fault) => faults.push(fault));
      supervisor.ready("");
      supervisor.stopping();
      expect(faults).toEqual([expect.stringContaining(`NOTIFY_SOCKET, which is ${address}.`)]);
    },
  );
});

describe("signs of life are wanted", () => {
  const NOTIFY_SOCKET = "/run/notify";
  const rows: [string, string | undefined, string | undefined, number | undefined][] = [
    ["by whoever sets a time", "30000000", undefined, 30_000],
    ["of the process that is named", "30000000", String(process.pid), 30_000],
    ["not of another process", "30000000", String(process.pid + 1), undefined],
    ["not without a time", undefined, undefined, undefined],
    ["not within no time", "0", undefined, undefined],
    ["not within nonsense", "1e9", undefined, undefined],
  ];
  test.if(isLinux).each(rows)("%s", (_, WATCHDOG_USEC, WATCHDOG_PID, expected) => {
    using supervisor = openSupervisor({ NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID }, unexpected);
    expect(supervisor.watchdogMs).toBe(expected);
  });

  test("by nobody where no service manager is", () => {
    using supervisor = openSupervisor({ WATCHDOG_USEC: "30000000" }, unexpected);
    expect(supervisor.watchdogMs).toBeUndefined();
    supervisor.ready("");
  });
});

describe("a sign of life", () => {
  test("follows each heartbeat, and none comes before it", async () => {
    const { supervisor, signs } = counting(2);
    const beats: (() => void)[] = [];
    using _watched = keepWatched(supervisor, () => new Promise((beat) => beats.push(beat)));
    await until("it is asked", () => beats.length === 1);
    // A heart that does not beat is asked no second time, however long it takes.
    await Bun.sleep(20);
    expect([beats.length, signs()]).toEqual([1, 0]);
    beats[0]?.();
    await until("the sign", () => signs() === 1);
    await until("it is asked again", () => beats.length === 2);
    expect(signs()).toBe(1);
  });

  test("does not come any more when nobody watches", async () => {
    const { supervisor, signs } = counting(2);
    const beats: (() => void)[] = [];
    const watched = keepWatched(supervisor, () => new Promise((beat) => beats.push(beat)));
    await until("it is asked", () => beats.length === 1);
    watched[Symbol.dispose]();
    beats[0]?.();
    await new Promise(setImmediate);
    expect(signs()).toBe(0);
  });
});

function counting(watchdogMs: number) {
  let signs = 0;
  const supervisor: Supervisor = {
    ...openSupervisor({}, unexpected),
    watchdogMs,
    signOfLife: () => {
      signs += 1;
    },
  };
  return { supervisor, signs: () => signs };
}

function unexpected(fault: string): never {
  throw new Error(fault);
}
