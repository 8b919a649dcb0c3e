// Guessing is slow, from one address and at one account, and nobody is locked out by it.

import { describe, expect, test } from "bun:test";
import { LoginLimits, type LoginLimitsOptions } from "../../src/core/access/login-limits.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { refusal } from "../support/refusal.ts";
import { isPending, turns } from "../support/turns.ts";

const LIMITS: LoginLimitsOptions = {
  addressFailures: 20,
  addressSeconds: 3,
  accountFailures: 10,
  accountSeconds: 2,
};
const HERE = "192.0.2.1";

describe("from one address", () => {
  test("as many fail as allowed, and then one in a while", async () => {
    const { limits, clock, failures } = open();
    expect(await failures(HERE, undefined, 30)).toBe(20);
    const error = await refusal(() => limits.begin(HERE, undefined));
    expect([error.code, error.limit, error.retryAfterSeconds]).toEqual([
      "limit_exceeded",
      "login_rate_limit_exceeded",
      3,
    ]);
    clock.advance(2999);
    expect(await failures(HERE, undefined, 3)).toBe(0);
    clock.advance(1);
    expect(await failures(HERE, undefined, 3)).toBe(1);
    clock.advance(3_600_000);
    expect(await failures(HERE, undefined, 30)).toBe(20);
  });

  test("many at once are no way around: it waits the longer afterwards", async () => {
    const { limits, clock } = open();
    const begun = await Promise.all(
      Array.from({ length: 30 }, () => limits.begin(HERE, undefined)),
    );
    for (const attempt of begun) attempt.failed();
    const error = await refusal(() => limits.begin(HERE, undefined));
    expect(error.retryAfterSeconds).toBe((10 + 1) * 3);
    clock.advance(33_000);
    await limits.begin(HERE, undefined);
  });

  test("however many fail, it waits no longer than as long as it may fail", async () => {
    const { limits } = open();
    const begun = await Promise.all(
      Array.from({ length: 999 }, () => limits.begin(HERE, undefined)),
    );
    for (const attempt of begun) attempt.failed();
    const error = await refusal(() => limits.begin(HERE, undefined));
    expect(error.retryAfterSeconds).toBe((20 + 1) * 3);
  });

  const free: [string, "succeeded" | "abandoned"][] = [
    ["that succeeds", "succeeded"],
    ["that nobody could look at", "abandoned"],
  ];
  test.each(free)("a login %s is not counted, and makes no room", async (_, end) => {
    const { limits, failures } = open();
    const good = async () => (await limits.begin(HERE, "a"))[end]();
    for (let n = 0; n < 100; n += 1) await good();
    expect(await failures(HERE, "b", 5)).toBe(5);
    await good();
    expect((await failures(HERE, "c", 10)) + (await failures(HERE, "d", 10))).toBe(15);
  });

  test("other addresses are not touched, and a socket of this machine is not counted", async () => {
    const { failures } = open();
    await failures(HERE, undefined, 20);
    expect(await failures("192.0.2.2", undefined, 5)).toBe(5);
    expect(await failures("", undefined, 100)).toBe(100);
  });

  const networks: [string, string, boolean][] = [
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true],
    ["2001:db8:1:2::1", "2001:0DB8:0001:0002::2", true],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["::1", "::2", true],
    ["::1", "0:0:0:1::1", false],
    ["2001:db8::1", "2001:db8:0:0:1::", true],
    ["::ffff:192.0.2.1", "192.0.2.1", true],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.2", false],
  ];
  test.each(networks)("%s and %s are one: %p", async (one, other, isSame) => {
    const { failures } = open();
    await failures(one, undefined, 20);
    expect(await failures(other, undefined, 1)).toBe(isSame ? 0 : 1);
  });
});

describe("for one account", () => {
  test("as many fail at once as allowed, wherever they come from, and then one in a while", async () => {
    const { limits, clock, failures } = open();
    expect(await failures("192.0.2.1", "alice", 5)).toBe(5);
    expect(await failures("192.0.2.2", "alice", 9)).toBe(5);
    const error = await refusal(() => limits.begin("192.0.2.3", "alice"));
    expect([error.limit, error.retryAfterSeconds]).toEqual(["login_rate_limit_exceeded", 2]);
    clock.advance(2000);
    expect(await failures("192.0.2.3", "alice", 5)).toBe(1);
  });

  test("what the account refuses counts for the address", async () => {
    const { limits, failures } = open();
    expect(await failures(HERE, "alice", 10)).toBe(10);
    for (let n = 0; n < 5; n += 1) await refusal(() => limits.begin(HERE, "alice"));
    expect(await failures(HERE, undefined, 100)).toBe(5);
  });

  const same: [string, string][] = [
    ["letters of another size", "ALICE"],
    ["space around it", " alice\n"],
  ];
  test.each(same)("%s is the same account", async (_, other) => {
    const { failures } = open();
    await failures("192.0.2.1", "alice", 10);
    expect(await failures("192.0.2.2", other, 1)).toBe(0);
  });

  test("one address that guesses all the time leaves room for the user elsewhere", async () => {
    const { limits, clock, failures } = open();
    await failures(HERE, "alice", 100);
    let locked = 0;
    let lockedMax = 0;
    for (let second = 0; second < 600; second += 1) {
      clock.advance(1000);
      await failures(HERE, "alice", 100);
      try {
        (await limits.begin("198.51.100.7", "alice")).abandoned();
        locked = 0;
      } catch {
        locked += 1;
        lockedMax = Math.max(lockedMax, locked);
      }
    }
    expect(lockedMax).toBeLessThan(15);
  });

  test("many addresses that guess do not lock out an address that has logged in before", async () => {
    const { limits, failures } = open();
    (await limits.begin(HERE, "alice")).succeeded();
    for (let n = 0; n < 50; n += 1) await failures(`198.51.100.${n}`, "alice", 10);
    (await limits.begin(HERE, "alice")).succeeded();
    expect(await failures(HERE, "alice", 10)).toBe(10);
    expect(await failures("192.0.2.9", "alice", 1)).toBe(0);
  });

  test("many good ones at once all get in, though they are more than may fail", async () => {
    const { limits } = open();
    let most = 0;
    let now = 0;
    const login = async () => {
      const attempt = await limits.begin(HERE, "alice");
      now += 1;
      most = Math.max(most, now);
      await turns(1);
      now -= 1;
      attempt.abandoned();
    };
    await Promise.all(Array.from({ length: 100 }, login));
    expect(most).toBe(10);
  });

  test("many guesses at once are looked at as often as may fail, and not once more", async () => {
    const { limits } = open();
    let looked = 0;
    const guess = async (n: number) => {
      const attempt = await limits.begin(`198.51.100.${n}`, "alice");
      looked += 1;
      await turns(1);
      attempt.failed();
    };
    const guesses = Array.from({ length: 100 }, (_, n) => guess(n).catch(({ code }) => code));
    expect((await Promise.all(guesses)).filter((code) => code === "limit_exceeded")).toHaveLength(
      90,
    );
    expect(looked).toBe(10);
  });

  test("not more than so many wait", async () => {
    const { limits } = open();
    for (let n = 0; n < 10; n += 1) await limits.begin("", "alice");
    const waiting = Array.from({ length: 1000 }, () => limits.begin("", "alice"));
    expect((await refusal(() => limits.begin("", "alice"))).code).toBe("limit_exceeded");
    expect(await isPending(Promise.race(waiting))).toBe(true);
  });

  test("no name is another one's, whatever it looks like", async () => {
    const { failures } = open();
    for (const name of ["__proto__", "constructor", "", "undefined", `${HERE} alice`]) {
      await failures("", name, 10);
      expect(await failures("", name, 1)).toBe(0);
    }
    expect(await failures(HERE, "alice", 1)).toBe(1);
    expect(await failures(HERE, undefined, 1)).toBe(1);
  });
});

test("0 is no limit", async () => {
  const { failures } = open({ addressFailures: 0, accountFailures: 0 });
  expect(await failures(HERE, "alice", 1000)).toBe(1000);
});

test("a clock that is set back neither frees nor locks for longer", async () => {
  const { clock, failures } = open();
  await failures(HERE, undefined, 20);
  clock.step(-3_600_000);
  expect(await failures(HERE, undefined, 1)).toBe(0);
  clock.advance(3000);
  expect(await failures(HERE, undefined, 2)).toBe(1);
});

function open(differing: Partial<LoginLimitsOptions> = {}) {
  const clock = new ManualClock();
  const limits = new LoginLimits(clock, { ...LIMITS, ...differing });
  /** How many of so many guesses are let through. */
  const failures = async (address: string, account: string | undefined, count: number) => {
    let begun = 0;
    for (let n = 0; n < count; n += 1) {
      try {
        (await limits.begin(address, account)).failed();
        begun += 1;
      } catch {
        break;
      }
    }
    return begun;
  };
  return { clock, limits, failures };
}
