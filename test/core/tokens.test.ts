// Tokens: remembered while they are good, ended at once when they are not, minted into less than they are.

import { describe, expect, test } from "bun:test";
import type { Principal } from "../../src/core/access/principal.ts";
import type { TokenGrant, VerifiedToken } from "../../src/core/access/token-ports.ts";
import { type MintRequest, Tokens } from "../../src/core/access/tokens.ts";
import { Deadlines } from "../../src/core/deadlines.ts";
import { ServiceError } from "../../src/core/errors.ts";
import { WriteDeadline } from "../../src/core/write-deadline.ts";
import { FakeEngine, type Weather } from "../support/fake-engine.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { ADMIN, principal } from "../support/principals.ts";
import { refusal } from "../support/refusal.ts";
import { turns } from "../support/turns.ts";
import { unheardAudit } from "../support/unheard-audit.ts";

const MINUTE_MS = 60_000;
const WRITE_MS_MAX = 1000;

describe("authenticate", () => {
  test("a token is verified once, then recalled without waiting", async () => {
    const { tokens, issuer } = open();
    const token = issuer.issue();
    expect(tokens.recall(token)).toBeUndefined();
    const who = await tokens.authenticate(token);
    expect(tokens.recall(token)).toBe(who);
    expect(await tokens.authenticate(token)).toBe(who);
    expect(issuer.verified).toEqual([token]);
  });

  test("a token that does not verify is not remembered", async () => {
    const { tokens, issuer } = open();
    expect((await refusal(() => tokens.authenticate("forged"))).code).toBe("unauthenticated");
    expect(tokens.recall("forged")).toBeUndefined();
    await refusal(() => tokens.authenticate("forged"));
    expect(issuer.verified).toHaveLength(2);
  });

  test("a token is recalled until it expires, and not at that moment", async () => {
    const { tokens, clock, issuer } = open();
    const token = issuer.issue({ expiresAt: clock.now() + MINUTE_MS });
    await tokens.authenticate(token);
    clock.advance(MINUTE_MS - 1);
    expect(tokens.recall(token)).toBeDefined();
    clock.advance(1);
    expect(tokens.recall(token)).toBeUndefined();
  });

  test("no more tokens are remembered than allowed", async () => {
    const { tokens, issuer } = open({ rememberedMax: 4 });
    const issued = Array.from({ length: 20 }, () => issuer.issue());
    for (const token of issued) await tokens.authenticate(token);
    const recalled = issued.filter((token) => tokens.recall(token) !== undefined);
    expect(recalled.length).toBeWithin(1, 5);
  });
});

describe("revoke", () => {
  test("a remembered token ends at once, and with it what runs on it", async () => {
    const { tokens, issuer, ended } = open();
    const [token, other] = [issuer.issue({ ids: ["a"] }), issuer.issue({ ids: ["b"] })];
    for (const each of [token, other]) await tokens.authenticate(each);
    await tokens.revoke(ADMIN, "a");
    expect((await refusal(() => tokens.authenticate(token))).code).toBe("unauthenticated");
    expect(await tokens.authenticate(other)).toBeDefined();
    expect(
      ended.map((isOver) => [["a"], ["b"]].map(([id]) => isOver(principal({ ids: [id!] })))),
    ).toEqual([[true, false]]);
  });

  const issued: [string, number, boolean][] = [
    ["an hour before is revoked", -3_600_000, true],
    ["a millisecond before is revoked", -1, true],
    ["in the same millisecond is revoked", 0, true],
    ["a millisecond after is not", 1, false],
  ];
  test.each(issued)("of tokens with its id, one issued %s", async (_, offsetMs, isRevoked) => {
    const { tokens, clock, issuer } = open();
    await tokens.revoke(ADMIN, "a");
    const token = issuer.issue({ ids: ["a"] }, clock.now() + offsetMs);
    const outcome = await tokens.authenticate(token).then(
      () => false,
      () => true,
    );
    expect(outcome).toBe(isRevoked);
  });

  test("a token ends with any of those that it was minted from", async () => {
    for (const id of ["own", "parent", "grandparent"]) {
      const { tokens, issuer } = open();
      const token = issuer.issue({ ids: ["own", "parent", "grandparent"] });
      await tokens.authenticate(token);
      await tokens.revoke(ADMIN, id);
      expect((await refusal(() => tokens.authenticate(token))).code).toBe("unauthenticated");
    }
  });

  test("a revocation while a token is being verified ends it", async () => {
    const { tokens, issuer } = open();
    const token = issuer.issue({ ids: ["a"] });
    const gate = issuer.hold();
    const authenticating = tokens.authenticate(token);
    await tokens.revoke(ADMIN, "a");
    gate.open();
    expect((await refusal(() => authenticating)).code).toBe("unauthenticated");
    expect(tokens.recall(token)).toBeUndefined();
  });

  test("a token is good until its revocation is durable", async () => {
    const gate = Promise.withResolvers<void>();
    const { tokens, issuer } = open({
      weather: (point) => (point === "commit" ? gate.promise : undefined),
    });
    const token = issuer.issue({ ids: ["a"] });
    await tokens.authenticate(token);
    const revoking = tokens.revoke(ADMIN, "a");
    await turns();
    expect(tokens.recall(token)).toBeDefined();
    gate.resolve();
    await revoking;
    expect(tokens.recall(token)).toBeUndefined();
  });

  const lateOrLost: [string, (gate: Promise<void>) => Weather][] = [
    [
      "becomes durable after its deadline",
      (gate) => (point) => (point === "commit" ? gate : undefined),
    ],
    [
      "is durable but never answered",
      (gate) => (point) =>
        point === "answer" ? gate.then(() => new Promise(() => {})) : undefined,
    ],
    [
      "is durable but answered with a failure",
      () => (point) => {
        if (point === "answer") throw new ServiceError("outcome_unknown", "the disk failed");
      },
    ],
  ];
  test.each(lateOrLost)("a revocation that %s ends the tokens nevertheless", async (_, weather) => {
    const gate = Promise.withResolvers<void>();
    const { tokens, engine, clock, issuer } = open({ weather: weather(gate.promise) });
    const token = issuer.issue({ ids: ["a"] });
    await tokens.authenticate(token);
    const revoking = refusal(() => tokens.revoke(ADMIN, "a"));
    await turns();
    clock.advance(2 * WRITE_MS_MAX);
    expect((await revoking).code).toBe("outcome_unknown");
    gate.resolve();
    await turns();
    expect(engine.revocations.revokedUntil("a")).toBeDefined();
    expect((await refusal(() => tokens.authenticate(token))).code).toBe("unauthenticated");
  });

  test("only an admin revokes", async () => {
    const { tokens, engine } = open();
    const error = await refusal(() => tokens.revoke(principal(), "a"));
    expect(error.code).toBe("permission_denied");
    expect(engine.revocations.revokedUntil("a")).toBeUndefined();
  });
});

describe("rotateKeys", () => {
  test("without revoking, the tokens of the old keys stay good", async () => {
    const { tokens, issuer, ended } = open();
    const token = issuer.issue({ keyId: "old" });
    const who = await tokens.authenticate(token);
    await tokens.rotateKeys(ADMIN, false);
    expect(await tokens.authenticate(token)).toEqual(who);
    expect(ended.some((isOver) => isOver(who))).toBe(false);
  });

  test("with revoking, the tokens of the old keys end, and with them what runs on them", async () => {
    const { tokens, issuer, ended } = open();
    const token = issuer.issue({ keyId: "old" });
    const who = await tokens.authenticate(token);
    await tokens.rotateKeys(ADMIN, true);
    expect((await refusal(() => tokens.authenticate(token))).code).toBe("unauthenticated");
    expect(ended.some((isOver) => isOver(who))).toBe(true);
    expect(ended.some((isOver) => isOver(principal({ keyId: "" })))).toBe(false);
  });

  test("a rotation while a token of an ended key is being verified ends it", async () => {
    const { tokens, issuer } = open();
    const token = issuer.issue({ keyId: "old" });
    const gate = issuer.hold();
    const authenticating = tokens.authenticate(token);
    await tokens.rotateKeys(ADMIN, true);
    gate.open();
    expect((await refusal(() => authenticating)).code).toBe("unauthenticated");
    expect(tokens.recall(token)).toBeUndefined();
  });

  test("only an admin rotates", async () => {
    const { tokens, issuer } = open();
    const token = issuer.issue({ keyId: "old" });
    expect((await refusal(() => tokens.rotateKeys(principal(), true))).code).toBe(
      "permission_denied",
    );
    expect(await tokens.authenticate(token)).toBeDefined();
  });
});

describe("issueFor", () => {
  const user = { id: "alice", clientData: undefined, serverData: undefined };
  const wanted = { admin: false, permissions: [], user, expiresInSeconds: 60, name: "given" };

  test("a token stands on its own, with the life that it was given or none", async () => {
    const { tokens, issuer, clock } = open({ secondsMax: 1 });
    const caller = { ...ADMIN, expiresAt: clock.now() + 1 };
    const issued = await tokens.issueFor(caller, wanted);
    expect(issued).toMatchObject({ id: "given", expiresAt: clock.now() + MINUTE_MS });
    expect(issuer.grants.at(-1)).toMatchObject({ parents: [], user });
    const endless = await tokens.issueFor(caller, { ...wanted, expiresInSeconds: undefined });
    expect(endless.expiresAt).toBeUndefined();
  });

  test("right after its id or its user was revoked, one that is issued is good", async () => {
    const { tokens, issuer, clock } = open();
    for (const id of ["given", "user:alice"]) await tokens.revoke(ADMIN, id);
    await tokens.issueFor(ADMIN, wanted);
    expect(issuer.grants.at(-1)?.issuedAt).toBeGreaterThan(clock.now());
  });
});

describe("mint", () => {
  const GRANT = { cache: "c", topic: "t", role: "both" } as const;

  test("a minted token may do what was asked for, is no admin, and says whom it comes from", async () => {
    const { mint, clock } = open();
    const asked = [GRANT, { cache: "c", topic: "room-*", role: "publish" } as const];
    const { grant, minted } = await mint(ADMIN, { permissions: asked });
    expect(grant).toMatchObject({ admin: false, permissions: asked, parents: ["admin"] });
    expect(grant).toMatchObject({ issuedAt: clock.now(), expiresAt: minted.expiresAt });
    expect(minted.expiresAt).toBe(clock.now() + MINUTE_MS);
  });

  test("more than its own is permission_denied, and nothing is signed", async () => {
    const { tokens, issuer } = open();
    const caller = principal({ permissions: [{ cache: "c", topic: "room-*", role: "publish" }] });
    const wishes = [
      { cache: "c", topic: "room-*", role: "both" },
      { cache: "c", topic: "*", role: "publish" },
      { cache: "d", topic: "room-1", role: "publish" },
    ] as const;
    for (const wish of wishes) {
      const good = { cache: "c", topic: "room-1", role: "publish" } as const;
      const error = await refusal(() =>
        tokens.mint(caller, request({ permissions: [good, wish] })),
      );
      expect(error.code).toBe("permission_denied");
    }
    expect(issuer.grants).toEqual([]);
  });

  test("two permissions on the same cache and topic are invalid_argument", async () => {
    const { tokens } = open();
    const permissions = [GRANT, { ...GRANT, role: "publish" as const }];
    const error = await refusal(() => tokens.mint(ADMIN, request({ permissions })));
    expect(error.code).toBe("invalid_argument");
  });

  test("a longer life than allowed is invalid_argument", async () => {
    const { tokens } = open({ secondsMax: 100 });
    expect(await tokens.mint(ADMIN, request({ expiresInSeconds: 100 }))).toBeDefined();
    const error = await refusal(() => tokens.mint(ADMIN, request({ expiresInSeconds: 101 })));
    expect(error.code).toBe("invalid_argument");
  });

  const lives: [string, number | undefined, number, number][] = [
    ["its own when that is shorter", 60, 30, 30],
    ["its caller's when that is shorter", 30, 60, 30],
    ["its own when its caller's has no end", undefined, 60, 60],
  ];
  test.each(lives)(
    "a minted token lives as long as %s",
    async (_, callerSeconds, seconds, expected) => {
      const { mint, clock } = open();
      const now = clock.now();
      const expiresAt = callerSeconds === undefined ? undefined : now + callerSeconds * 1000;
      const caller = principal({ expiresAt });
      const { grant, minted } = await mint(caller, { expiresInSeconds: seconds });
      expect([grant.expiresAt, minted.expiresAt]).toEqual([
        now + expected * 1000,
        now + expected * 1000,
      ]);
    },
  );

  test("a chain of minted tokens names them all, the nearest first, and ends at eight", async () => {
    const { mint, tokens } = open();
    let ids: [string, ...string[]] = ["root"];
    for (let depth = 1; depth <= 8; depth += 1) {
      const { grant } = await mint(principal({ ids }));
      expect(grant.parents).toEqual(ids);
      ids = [grant.id, ...grant.parents];
    }
    const error = await refusal(() => tokens.mint(principal({ ids }), request()));
    expect(error.code).toBe("permission_denied");
  });

  const accounts: [string, Principal, string | undefined][] = [
    ["a token made on the server: with that one", principal({ ids: ["root"] }), "root"],
    [
      "a minted token: with that one's minter",
      principal({ ids: ["child", "root"], account: "root" }),
      "root",
    ],
    ["an admin: by itself", ADMIN, undefined],
    [
      "what an admin minted: with that one",
      principal({ ids: ["child", "admin"], account: undefined }),
      "child",
    ],
  ];
  test.each(accounts)("is counted, when minted by %s", async (_, caller, account) => {
    const { mint } = open();
    expect((await mint(caller)).grant.account).toBe(account);
  });

  test("without a name each has an id of its own; with one, that is its id", async () => {
    const { mint } = open();
    const unnamed = [(await mint(ADMIN)).grant, (await mint(ADMIN)).grant];
    expect(unnamed.map(({ name }) => name)).toEqual([undefined, undefined]);
    expect(unnamed[0]!.id).not.toBe(unnamed[1]!.id);
    const { grant } = await mint(ADMIN, { name: "alice" });
    expect([grant.id, grant.name]).toEqual(["alice", "alice"]);
  });

  const minted = { ids: ["child", "root"] as [string, ...string[]] };
  const names: [string, Partial<Principal>, string | undefined, string | undefined | Error][] = [
    ["an admin gives any name", ADMIN, "bob", "bob"],
    ["an admin gives none", ADMIN, undefined, undefined],
    ["a token made on the server gives any name", {}, "bob", "bob"],
    ["a minted token hands its name on", { ...minted, name: "alice" }, undefined, "alice"],
    [
      "a minted token hands its name on when asked to",
      { ...minted, name: "alice" },
      "alice",
      "alice",
    ],
    ["a minted token cannot give another name", { ...minted, name: "alice" }, "bob", new Error()],
    ["a minted token without a name cannot give one", minted, "bob", new Error()],
    ["a minted token without a name hands none on", minted, undefined, undefined],
  ];
  test.each(names)("%s", async (_, caller, name, expected) => {
    const { tokens, issuer } = open();
    const minting = () => tokens.mint(principal(caller), request({ name }));
    if (expected instanceof Error) {
      expect((await refusal(minting)).code).toBe("permission_denied");
      expect(issuer.grants).toEqual([]);
    } else {
      await minting();
      expect(issuer.grants[0]!.name).toBe(expected);
    }
  });

  const foreign: [string, Partial<Principal>][] = [
    ["with an id", { ids: ["id"], name: "id" }],
    ["with an id and a subject", { ids: ["id", "subject"], name: "id" }],
    ["with a subject only", { ids: ["subject"], name: undefined }],
  ];
  test.each(foreign)(
    "a token of another issuer %s cannot pass as somebody else",
    async (_, caller) => {
      const { tokens } = open();
      const minting = () =>
        tokens.mint(principal({ ...caller, keyId: "" }), request({ name: "bob" }));
      expect((await refusal(minting)).code).toBe("permission_denied");
    },
  );

  test("a token minted right after a revocation of its name is good", async () => {
    const { tokens, mint, issuer } = open();
    await tokens.revoke(ADMIN, "alice");
    const { grant } = await mint(ADMIN, { name: "alice" });
    const token = issuer.issue({ ids: [grant.id, ...grant.parents] }, grant.issuedAt);
    expect(await tokens.authenticate(token)).toBeDefined();
  });
});

function request(differing: Partial<MintRequest> = {}): MintRequest {
  const permissions = [{ cache: "c", topic: "t", role: "both" }] as const;
  return { permissions, expiresInSeconds: 60, name: undefined, ...differing };
}

interface Options {
  readonly rememberedMax?: number;
  readonly secondsMax?: number;
  readonly weather?: Weather;
}

function open({ rememberedMax = 100, secondsMax = 90_000, weather }: Options = {}) {
  const clock = new ManualClock();
  const engine = new FakeEngine(clock, weather);
  const issuer = new FakeIssuer(clock);
  const ended: ((who: Principal) => boolean)[] = [];
  const tokens = new Tokens(
    {
      verifier: issuer,
      signer: issuer,
      keys: issuer,
      revocations: engine.revocations,
      audit: unheardAudit,
    },
    clock,
    new WriteDeadline(new Deadlines(clock), WRITE_MS_MAX),
    { rememberedMax, secondsMax },
    (isOver) => ended.push(isOver),
  );
  const mint = async (caller: Principal, differing: Partial<MintRequest> = {}) => {
    const minted = await tokens.mint(caller, request(differing));
    return { minted, grant: issuer.grants.at(-1)! };
  };
  return { clock, engine, issuer, ended, tokens, mint };
}

/** Knows the tokens that it issued, takes as long as it is held, and has two keys, `old` and `new`. */
class FakeIssuer {
  readonly verified: string[] = [];
  readonly grants: TokenGrant[] = [];
  readonly #clock: ManualClock;
  readonly #issued = new Map<string, VerifiedToken>();
  #held = Promise.resolve();
  #endedKeyIds: readonly string[] = [];

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  issue(differing: Partial<Principal> = {}, issuedAt = this.#clock.now()): string {
    const token = `token ${this.#issued.size}`;
    this.#issued.set(token, { principal: principal(differing), issuedAt });
    return token;
  }

  /** Verifications that begin now go on when it is opened; they find the keys as they were. */
  hold(): { open(): void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return {
      open: () => {
        this.#held = Promise.resolve();
        resolve();
      },
    };
  }

  async verify(token: string): Promise<VerifiedToken> {
    this.verified.push(token);
    const found = this.#issued.get(token);
    const isGood = found && !this.#endedKeyIds.includes(found.principal.keyId);
    await this.#held;
    if (found !== undefined && isGood) return found;
    throw new ServiceError("unauthenticated", "The token is not valid.");
  }

  isOwn(): boolean {
    return true;
  }

  async sign(grant: TokenGrant): Promise<string> {
    this.grants.push(grant);
    return this.issue({ ids: [grant.id, ...grant.parents], name: grant.name }, grant.issuedAt);
  }

  async rotate(revokeOld: boolean) {
    if (revokeOld) this.#endedKeyIds = ["old"];
    return { keyId: "new", endedKeyIds: this.#endedKeyIds };
  }
}
