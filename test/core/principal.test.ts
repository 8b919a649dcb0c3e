// Permissions: what a principal may do, and what it may pass on.

import { describe, expect, test } from "bun:test";
import {
  type Direction,
  mayGrant,
  type Permission,
  requireAdmin,
  requireTopic,
  requireWholeCache,
} from "../../src/core/access/principal.ts";
import { ADMIN, principal } from "../support/principals.ts";

type Held = string;

/** `cache topic role`, as many as there are lines. */
const NOTHING: Held = "";

describe("requireTopic", () => {
  const rows: [Held, Direction, string, string, boolean][] = [
    ["c t both", "publish", "c", "t", true],
    ["c t both", "subscribe", "c", "t", true],
    ["c t publish", "publish", "c", "t", true],
    ["c t publish", "subscribe", "c", "t", false],
    ["c t subscribe", "subscribe", "c", "t", true],
    ["c t subscribe", "publish", "c", "t", false],
    ["c t both", "publish", "c", "T", false],
    ["c t both", "publish", "C", "t", false],
    ["c t both", "publish", "c", "tt", false],
    ["c tt both", "publish", "c", "t", false],
    ["* t both", "publish", "any", "t", true],
    ["* t both", "publish", "any", "u", false],
    ["c * both", "publish", "c", "any", true],
    ["c * both", "publish", "d", "any", false],
    ["* * both", "publish", "any", "any", true],
    ["c room-* both", "publish", "c", "room-1", true],
    ["c room-* both", "publish", "c", "room-", true],
    ["c room-* both", "publish", "c", "room", false],
    ["c room-* both", "publish", "c", "my-room-1", false],
    ["c room-* both", "publish", "c", "Room-1", false],
    ["c room-* both", "publish", "d", "room-1", false],
    ["c* * both", "publish", "c", "t", false],
    ["c* * both", "publish", "cc", "t", false],
    ["c é* both", "publish", "c", "été", true],
    ["c a*b both", "publish", "c", "a-b", false],
    ["c t publish|c t subscribe", "subscribe", "c", "t", true],
    ["c a* publish|c b* subscribe", "subscribe", "c", "a1", false],
    [NOTHING, "publish", "c", "t", false],
  ];
  test.each(rows)("who holds %p may %s on %s/%s: %p", (held, direction, cache, topic, expected) => {
    const may = passes(() => requireTopic(holder(held), direction, cache, topic));
    expect(may).toBe(expected);
  });

  test("an admin may do all of it", () => {
    for (const direction of ["publish", "subscribe"] as const) {
      expect(passes(() => requireTopic(ADMIN, direction, "c", "t"))).toBe(true);
    }
  });

  test("the refusal says what is not allowed and not what is there", () => {
    const refuse = () => requireTopic(holder(NOTHING), "publish", "secret-cache", "secret-topic");
    expect(refuse).toThrow(/publish/);
    expect(refuse).not.toThrow(/secret/);
  });
});

describe("requireWholeCache", () => {
  const rows: [Held, boolean][] = [
    ["c * both", true],
    ["c * publish", true],
    ["c * subscribe", true],
    ["* * subscribe", true],
    ["d * both", false],
    ["c t both", false],
    ["c t* both", false],
    ["c t both|c * publish", true],
    [NOTHING, false],
  ];
  test.each(rows)("who holds %p covers the cache c: %p", (held, expected) => {
    expect(passes(() => requireWholeCache(holder(held), "c"))).toBe(expected);
  });

  test("an admin covers every cache", () => {
    expect(passes(() => requireWholeCache(ADMIN, "c"))).toBe(true);
  });
});

describe("requireAdmin", () => {
  test("only an admin is one, whatever else is held", () => {
    expect(passes(() => requireAdmin(ADMIN))).toBe(true);
    expect(passes(() => requireAdmin(holder("* * both")))).toBe(false);
  });
});

describe("mayGrant", () => {
  const rows: [Held, string, boolean][] = [
    ["c t both", "c t both", true],
    ["c t both", "c t publish", true],
    ["c t publish", "c t both", false],
    ["c t publish", "c t subscribe", false],
    ["c t publish|c t subscribe", "c t both", true],
    ["c * publish|* t subscribe", "c t both", true],
    ["c * publish|d * subscribe", "c t both", false],
    ["c * both", "c t both", true],
    ["c * both", "c t* both", true],
    ["c * both", "c * both", true],
    ["c * both", "* t both", false],
    ["* t both", "* t both", true],
    ["* t both", "c t both", true],
    ["* * both", "* * both", true],
    ["c t both", "c * both", false],
    ["c t both", "c t* both", false],
    ["c room-* both", "c room-1 both", true],
    ["c room-* both", "c room-1* both", true],
    ["c room-* both", "c room-* both", true],
    ["c room-* both", "c room* both", false],
    ["c room-* both", "c * both", false],
    ["c room-* both", "c room both", false],
    ["c a* both|c b* both", "c * both", false],
    [NOTHING, "c t publish", false],
  ];
  test.each(rows)("who holds %p may grant %p: %p", (held, wanted, expected) => {
    expect(mayGrant(holder(held), permissions(wanted)[0]!)).toBe(expected);
  });

  test("an admin may grant everything", () => {
    expect(mayGrant(ADMIN, permissions("* * both")[0]!)).toBe(true);
  });

  test("what may be granted may be done, for every pair of permissions and topics", () => {
    const topics = ["*", "a*", "ab*", "a", "ab", "b"];
    const roles = ["publish", "subscribe", "both"];
    const all = topics.flatMap((topic) => roles.map((role) => `c ${topic} ${role}`));
    for (const held of all) {
      for (const wanted of all) {
        if (!mayGrant(holder(held), permissions(wanted)[0]!)) continue;
        for (const topic of ["a", "ab", "abc", "b", "c"]) {
          for (const direction of ["publish", "subscribe"] as const) {
            const may = (who: Held) =>
              passes(() => requireTopic(holder(who), direction, "c", topic));
            if (may(wanted))
              expect([held, wanted, topic, may(held)]).toEqual([held, wanted, topic, true]);
          }
        }
      }
    }
  });
});

function holder(held: Held) {
  return principal({ permissions: permissions(held) });
}

function permissions(text: Held): Permission[] {
  return text
    .split("|")
    .filter((line) => line !== "")
    .map((line) => {
      const [cache = "", topic = "", role = ""] = line.split(" ");
      return { cache, topic, role: role as Permission["role"] };
    });
}

/** False for `permission_denied`; anything else that is thrown goes on. */
function passes(require: () => void): boolean {
  try {
    require();
    return true;
  } catch (cause) {
    expect(cause).toHaveProperty("code", "permission_denied");
    return false;
  }
}
