// Passwords are hashed a few at a time, and strangers are looked at as users are.

import { describe, expect, test } from "bun:test";
import { CheckQueue } from "../../src/auth/check-queue.ts";
import { PASSWORD_COST, PasswordHash } from "../../src/auth/password-hash.ts";
import { refusal } from "../support/refusal.ts";
import { turns } from "../support/turns.ts";

const CHEAP = { memoryKib: 8, passes: 1 };

describe("hash and verify", () => {
  test("a hash is Argon2id with what OWASP asks for, and salted", async () => {
    const hasher = new PasswordHash(2, 10);
    const [one, other] = [await hasher.hash("secret"), await hasher.hash("secret")];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(PASSWORD_COST).toEqual({ memoryKib: 19_456, passes: 2 });
    expect(one).not.toBe(other!);
  });

  test("the right password is right, another is not, and a stranger's never is", async () => {
    const hasher = new PasswordHash(2, 10, CHEAP);
    const hash = await hasher.hash("sécret 😀");
    expect(await hasher.verify("sécret 😀", hash)).toBe(true);
    expect(await hasher.verify("secret", hash)).toBe(false);
    expect(await hasher.verify("sécret 😀", undefined)).toBe(false);
  });

  test("more than 72 bytes count, with bcrypt as well", async () => {
    const hasher = new PasswordHash(2, 10, CHEAP);
    const long = "x".repeat(1023);
    const hashes = [
      await hasher.hash(`${long}a`),
      await Bun.password.hash(`${long}a`, { algorithm: "bcrypt", cost: 4 }),
    ];
    for (const hash of hashes) {
      expect(await hasher.verify(`${long}a`, hash)).toBe(true);
      expect(await hasher.verify(`${long}b`, hash)).toBe(false);
    }
  });
});

describe("a queue of checks", () => {
  test("runs as many at once as allowed, in the order of the calls, and refuses what is too much", async () => {
    const queue = new CheckQueue(2, 3);
    const started: number[] = [];
    const ends: (() => void)[] = [];
    const check = (n: number) =>
      queue.run(() => {
        started.push(n);
        return new Promise<number>((resolve) => ends.push(() => resolve(n)));
      });
    const runs = [0, 1, 2, 3, 4].map(check);
    const error = await refusal(() => check(5));
    expect([error.code, error.limit]).toEqual(["limit_exceeded", "login_rate_limit_exceeded"]);
    expect(started).toEqual([0, 1]);
    for (let n = 0; n < 5; n += 1) {
      ends[n]?.();
      await turns(2);
      expect(started.length).toBe(Math.min(5, n + 3));
    }
    expect(await Promise.all(runs)).toEqual([0, 1, 2, 3, 4]);
    expect(started).toEqual([0, 1, 2, 3, 4]);
  });

  test("goes on after a check that fails", async () => {
    const queue = new CheckQueue(1, 1);
    const failing = queue.run(() => Promise.reject(new Error("no")));
    const next = queue.run(async () => "yes");
    await expect(failing).rejects.toThrow("no");
    expect(await next).toBe("yes");
    expect(await queue.run(async () => "again")).toBe("again");
  });
});
