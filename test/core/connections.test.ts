// Connections of users: counted, present, and ended for their user or their token.

import { describe, expect, test } from "bun:test";
import { Connections } from "../../src/core/access/connections.ts";
import type { Principal } from "../../src/core/access/principal.ts";
import { Deadlines } from "../../src/core/deadlines.ts";
import { Presence } from "../../src/core/presence/presence.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { unheardAudit } from "../support/unheard-audit.ts";
import { user } from "../support/users.ts";

describe("connections", () => {
  test("make their user present until the last is gone, and nothing is left of them", () => {
    const { connections, presence, deadlines } = open();
    const [first, second] = [
      connections.open(user("alice"), token("t1", 5000), () => {}),
      connections.open(user("alice"), token("t2"), () => {}),
    ];
    connections.open(user("bob"), token("t3"), () => {})[Symbol.dispose]();
    expect([connections.count, connections.users, presence.users()]).toEqual([2, 1, ["alice"]]);
    first?.[Symbol.dispose]();
    expect([connections.count, connections.users, presence.users()]).toEqual([1, 1, ["alice"]]);
    second?.[Symbol.dispose]();
    expect([connections.count, connections.users, presence.users()]).toEqual([0, 0, []]);
    expect(deadlines.size).toBe(0);
  });

  test("are ended by an administrator for one user, who may end them in turn", () => {
    const { connections, ended, openEnding } = open();
    for (const id of ["alice", "alice", "bob"]) openEnding(id, token(id));
    expect(connections.disconnect(ADMIN, "alice")).toBe(2);
    expect(ended).toEqual(["alice disconnected", "alice disconnected"]);
    expect(connections.disconnect(ADMIN, "alice")).toBe(0);
    expect(connections.disconnect(ADMIN, "__proto__")).toBe(0);
    expect(connections.count).toBe(1);
    expect(() => connections.disconnect(token("bob"), "bob")).toThrow("admin token");
  });

  test("end with their token, whichever of its ids is over", () => {
    const { connections, ended, openEnding } = open();
    openEnding("alice", token("t1"));
    openEnding("bob", token("t2"));
    connections.endTokens((principal) => principal.ids.includes("t2"));
    expect(ended).toEqual(["bob token_ended"]);
    connections.endTokens(() => true);
    expect(ended).toEqual(["bob token_ended", "alice token_ended"]);
    expect(connections.count).toBe(0);
  });

  test("end when their token expires, also one that has already", () => {
    const { clock, ended, openEnding } = open();
    openEnding("alice", token("t1", 60_000));
    openEnding("bob", token("t2", -1));
    openEnding("carol", token("t3"));
    clock.advance(200);
    expect(ended).toEqual(["bob token_ended"]);
    clock.advance(60_000);
    expect(ended).toEqual(["bob token_ended", "alice token_ended"]);
  });

  test("of somebody without a name can be ended, and are nobody's presence", () => {
    const { connections, presence, openEnding } = open();
    openEnding("open", token("t"));
    expect(presence.users()).toEqual([]);
    expect(connections.disconnect(ADMIN, "open")).toBe(1);
  });
});

const START = 1_700_000_000_000;

const ADMIN: Principal = { ...token("admin"), admin: true };

function token(id: string, expiresInMs?: number): Principal {
  return {
    ids: [id],
    keyId: "",
    name: undefined,
    admin: false,
    permissions: [],
    expiresAt: expiresInMs === undefined ? undefined : START + expiresInMs,
  };
}

function open() {
  const clock = new ManualClock(START);
  const deadlines = new Deadlines(clock);
  const presence = new Presence((cause) => {
    throw cause;
  });
  const connections = new Connections(deadlines, presence, unheardAudit);
  const ended: string[] = [];
  /** One that goes away when it is ended, as all do. */
  const openEnding = (id: string, principal: Principal) => {
    const connection = connections.open(user(id), principal, (why) => {
      ended.push(`${id} ${why}`);
      connection[Symbol.dispose]();
    });
  };
  return { clock, deadlines, presence, connections, ended, openEnding };
}
