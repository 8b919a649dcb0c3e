// What rules decide, and what they ask for to decide it.

import { describe, expect, test } from "bun:test";
import type { RuleAction, RuleSection, RuleVerdict } from "../../../src/core/access/rules.ts";
import type { Json } from "../../../src/core/json.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { type Asked, decided, question, rulesOf, type Sections } from "./rules-of.ts";

const COMPLEX: Sections = {
  presence: { "*": { allow: "user.id === 'B'" } },
  record: {
    "*": { create: true, delete: true, write: true, read: true, notify: "user.id === 'B'" },
    "d/*": { create: "_('perm/JohnDoe').boolean" },
    "user-profile/$username": { write: "user.id === $username" },
    "auction/item/$sellerId/$itemId": {
      read: true,
      write: "user.data.canBid && data.price > oldData.price",
      delete: "user.id == $sellerId",
    },
    "only-increment": { write: "!oldData.value || data.value > oldData.value" },
    "egon/$firstname/$lastname": {
      delete: "$firstname.toLowerCase() === 'egon' && $lastname.toLowerCase() === 'miller'",
    },
    "purchase/$purchaseId": { write: "_('item/' + data.itemId ).stock > 0" },
    "drug/$drugId": {
      read: "_('category/' + _('drug/' + $drugId).categoryId).allowedCountries.indexOf(user.data.country) > -1",
    },
    day: { write: "user.data.timestamp + 24*3600*1000 < now" },
    "read-only": { write: false, read: true },
  },
  event: {
    "*": { publish: true, subscribe: true, listen: true },
    "user-status/$userId": { publish: "user.id === $userId" },
    "a-to-b/*": { publish: "user.id === 'A'", subscribe: "user.id === 'B'" },
    "news/$topic": { publish: "$topic === 'tea-cup-pigs'" },
    number: { publish: "data > 10" },
    "place/$city": { publish: "$city.toLowerCase() === data.address.city.toLowerCase()" },
    "admin-publish": { publish: "user.data.role === 'admin'" },
  },
  rpc: {
    "*": { provide: true, request: true },
    "only-full-user-data": {
      request: "typeof data.firstname === 'string' && typeof data.lastname === 'string'",
    },
    "book-purchase": {
      request:
        "data.card.issuer.toLowerCase() == 'visa' && data.card.number.match(/^4[0-9]{12}(?:[0-9]{3})?$/) !== null",
    },
    "purchase/$itemId": { request: "_('item/' + $itemId).inStock > 0" },
  },
};

const RECORDS: Record<string, Json> = {
  "perm/JohnDoe": { boolean: true },
  "item/a": { stock: 1, inStock: 0 },
  "drug/x": { categoryId: "soft" },
  "category/soft": { allowedCountries: ["DE", "FR"] },
};

describe("rules as people write them", () => {
  const rows: [RuleAction, string | undefined, Asked, RuleVerdict["kind"]][] = [
    ["allow", undefined, { id: "B" }, "permitted"],
    ["allow", "someone", { id: "A" }, "denied"],
    ["create", "d/1", {}, "permitted"],
    ["write", "user-profile/alice", {}, "permitted"],
    ["write", "user-profile/bob", {}, "denied"],
    ["write", "user-profile/bob/alice", {}, "permitted"],
    [
      "write",
      "auction/item/s/i",
      { serverData: { canBid: true }, data: { price: 2 }, oldData: { price: 1 } },
      "permitted",
    ],
    [
      "write",
      "auction/item/s/i",
      { serverData: { canBid: true }, data: { price: 2 }, oldData: { price: 2 } },
      "denied",
    ],
    [
      "write",
      "auction/item/s/i",
      { serverData: {}, data: { price: 2 }, oldData: { price: 1 } },
      "denied",
    ],
    ["write", "auction/item/s/i", { serverData: { canBid: true }, data: { price: 2 } }, "failed"],
    ["write", "auction/item/s/i", { data: { price: 2 }, oldData: { price: 1 } }, "failed"],
    ["delete", "auction/item/alice/i", {}, "permitted"],
    ["delete", "auction/item/bob/i", {}, "denied"],
    ["notify", "auction/item/bob/i", { id: "B" }, "permitted"],
    ["listen", "auction/item/bob/i", {}, "denied"],
    ["write", "only-increment", { data: { value: 1 }, oldData: {} }, "permitted"],
    ["write", "only-increment", { data: { value: 1 }, oldData: { value: 1 } }, "denied"],
    ["write", "only-increment", { data: { value: 1 } }, "failed"],
    ["delete", "egon/EGON/Miller", {}, "permitted"],
    ["delete", "egon/Egon/Mueller", {}, "denied"],
    ["write", "purchase/1", { data: { itemId: "a" } }, "permitted"],
    ["write", "purchase/1", { data: { itemId: "b" } }, "failed"],
    ["read", "drug/x", { serverData: { country: "FR" } }, "permitted"],
    ["read", "drug/x", { serverData: { country: "US" } }, "denied"],
    ["read", "drug/y", { serverData: { country: "FR" } }, "failed"],
    ["write", "day", { serverData: { timestamp: 0 } }, "denied"],
    ["write", "day", { serverData: { timestamp: -86_400_000 } }, "permitted"],
    ["read", "read-only", {}, "permitted"],
    ["write", "read-only", {}, "denied"],
    ["publish", "user-status/alice", {}, "permitted"],
    ["publish", "user-status/bob", {}, "denied"],
    ["publish", "a-to-b/x", { id: "A" }, "permitted"],
    ["subscribe", "a-to-b/x", { id: "A" }, "denied"],
    ["publish", "news/tea-cup-pigs", {}, "permitted"],
    ["publish", "number", { data: 11 }, "permitted"],
    ["publish", "number", { data: 10 }, "denied"],
    ["publish", "number", {}, "denied"],
    ["publish", "place/BERLIN", { data: { address: { city: "Berlin" } } }, "permitted"],
    ["publish", "place/BERLIN", { data: {} }, "failed"],
    ["publish", "admin-publish", { serverData: { role: "admin" } }, "permitted"],
    ["publish", "admin-publish", { serverData: { role: "user" } }, "denied"],
    ["publish", "admin-publish", {}, "failed"],
    ["listen", "a", { section: "event" }, "permitted"],
    ["request", "only-full-user-data", { data: { firstname: "a", lastname: "b" } }, "permitted"],
    ["request", "only-full-user-data", { data: { firstname: "a" } }, "denied"],
    [
      "request",
      "book-purchase",
      { data: { card: { issuer: "VISA", number: "4123456789012" } } },
      "permitted",
    ],
    [
      "request",
      "book-purchase",
      { data: { card: { issuer: "VISA", number: "41234567890123" } } },
      "denied",
    ],
    ["request", "purchase/a", {}, "denied"],
    ["provide", "purchase/a", {}, "permitted"],
  ];
  const rules = rulesOf(COMPLEX, 3, new ManualClock(1000));
  test.each(rows)("%s %s %j: %s", (action, name, asked, kind) => {
    expect(decided(rules, question(action, name, asked), RECORDS).kind).toBe(kind);
  });
});

describe("only exactly true permits", () => {
  const rows: [text: string | boolean, kind: RuleVerdict["kind"]][] = [
    [true, "permitted"],
    ["true", "permitted"],
    ["!false", "permitted"],
    [false, "denied"],
    ["1", "denied"],
    ["'true'", "denied"],
    ["[true]", "denied"],
    ["user", "denied"],
    ["undefined", "denied"],
    ["null", "denied"],
    ["0", "denied"],
    ["''", "denied"],
    ["NaN", "denied"],
    ["name.match(/a/)", "denied"],
    ["user.data.x", "failed"],
  ];
  test.each(rows)("%p: %s", (text, kind) => {
    const rules = rulesOf({ record: { "*": { read: text } } });
    const verdict = decided(rules, question("read", "a"));
    expect(verdict).toMatchObject({
      kind,
      rule: { section: "record", pattern: "*", action: "read", text: String(text) },
    });
  });
});

describe("of the patterns that match and have the action", () => {
  const rules = rulesOf({
    record: {
      "*": { create: true, read: true, listen: true },
      "a/*": { read: false },
      "a/$id": { read: "$id === 'x'" },
      "a/$no": { read: "$no === 'y'" },
      "a/b": { write: true },
      "aa*": { read: "1" },
      "*aa": { read: "2" },
    },
  });
  const patternOf = (action: RuleAction, name: string) => {
    const verdict = decided(rules, question(action, name));
    return verdict.kind === "needs" ? undefined : verdict.rule?.pattern;
  };
  const rows: [rule: string, RuleAction, string, string | undefined][] = [
    ["the longest text decides", "read", "a/x/y", "a/*"],
    ["the later of two as long decides", "read", "a/x", "a/$no"],
    ["one without the action does not count", "read", "a/b", "a/$no"],
    ["one without the action does not hide the root", "create", "a/b", "*"],
    ["the shorter decides where the longer lacks it", "write", "a/b", "a/b"],
    ["none means denied", "write", "a/c", undefined],
    ["an action that nobody speaks of is denied", "delete", "a/b", undefined],
    ["the later of two wildcards decides", "read", "aaaa", "*aa"],
    ["a name of objects is one like any other", "read", "__proto__", "*"],
    ["a name of objects is one like any other", "read", "constructor", "*"],
  ];
  test.each(rows)("%s", (_, action, name, pattern) => {
    expect(patternOf(action, name)).toBe(pattern as string);
  });

  test("the same is chosen when asked again, however many names come between", () => {
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 2500; index++) {
        expect(patternOf("read", `a/${index}`)).toBe("a/$no");
        expect(patternOf("write", `a/${index}`)).toBe(undefined);
      }
      expect(decided(rules, question("read", "a/y")).kind).toBe("permitted");
      expect(decided(rules, question("read", "a/x")).kind).toBe("denied");
      expect(patternOf("read", "x".repeat(1000))).toBe("*");
    }
  });

  test("without any, no rule is told", () => {
    expect(decided(rules, question("write", "none"))).toEqual({ kind: "denied", rule: undefined });
  });

  test("those of * alone are about no name in particular", () => {
    const presence = {
      "*": { allow: "user.id === 'admin'" },
      $user: { allow: "$user !== 'boss'" },
      "undefined*": { allow: true },
    };
    const verdict = decided(rulesOf({ presence }), question("allow", undefined));
    expect(verdict).toMatchObject({ kind: "denied", rule: { pattern: "*" } });
  });

  test.each(["name !== 'boss'", "name === undefined", "!name"])(
    "where there is no name, a rule fails that looks at it: %s",
    (allow) => {
      const rules = rulesOf({ presence: { "*": { allow } } });
      expect(decided(rules, question("allow", undefined)).kind).toBe("failed");
    },
  );
});

describe("a rule sees", () => {
  const rows: [text: string, Asked][] = [
    ["user.isAuthenticated && user.id === 'alice' && user.data === undefined", {}],
    ["!user.isAuthenticated && user.id === 'open'", { id: "open" }],
    ["user.data.a.length === 2", { serverData: { a: [1, 2] } }],
    ["name === 'a/b/c' && $id === 'b' && $1 === 'c'", {}],
    ["now === 1000", {}],
    ["data === undefined && oldData === null", {}],
    ["data.x === 1 && oldData.x === 2", { data: { x: 1 }, oldData: { x: 2 } }],
    ["data === null && oldData === false", { data: null, oldData: false }],
    ["action === 18", {}],
    ["action === 35", { operation: "PATCH_MULTI" }],
    ["action === 16", { operation: "CREATEANDUPDATE" }],
  ];
  test.each(rows)("%s", (text, asked) => {
    const rules = rulesOf({ record: { "*": {}, "a/$id/$1": { write: text } } });
    expect(decided(rules, question("write", "a/b/c", asked))).toMatchObject({ kind: "permitted" });
  });

  const operations: [RuleSection, RuleAction, string, number][] = [
    ["record", "read", "READ", 3],
    ["record", "read", "SUBSCRIBECREATEANDREAD", 23],
    ["record", "delete", "ERASE", 20],
    ["record", "listen", "LISTEN", 27],
    ["record", "notify", "NOTIFY", 2],
    ["event", "publish", "EMIT", 2],
    ["event", "subscribe", "SUBSCRIBE", 3],
    ["rpc", "request", "REQUEST", 2],
    ["rpc", "provide", "PROVIDE", 8],
    ["presence", "allow", "QUERY_ALL", 2],
    ["presence", "allow", "SUBSCRIBE_ALL", 12],
  ];
  test.each(operations)("in %s, to %s: %s as %d", (section, action, operation, number) => {
    const rules = rulesOf({ [section]: { "*": { [action]: `action === ${number}` } } });
    const about = question(action, "a", { section, operation });
    expect(decided(rules, about).kind).toBe("permitted");
  });

  test.each(["constructor", "read", ""])(
    "no number of the operation %j, and fails",
    (operation) => {
      const rules = rulesOf({ record: { "*": { read: "action !== 0" } } });
      expect(decided(rules, question("read", "a", { operation }))).toMatchObject({
        kind: "failed",
        reason: `the operation "${operation}" has no number`,
      });
    },
  );
});

describe("cross references", () => {
  const rows: [
    what: string,
    text: string,
    records: Record<string, Json>,
    needed: string[],
    verdict: { kind: RuleVerdict["kind"]; reason?: string },
  ][] = [
    [
      "to a record that exists",
      "_('item/' + $id).isInStock === true",
      { "item/x": { isInStock: true } },
      ["item/x"],
      { kind: "permitted" },
    ],
    [
      "to two records",
      "_('a').is === 1 && _('b').is === 2",
      { a: { is: 1 }, b: { is: 2 } },
      ["a", "b"],
      { kind: "permitted" },
    ],
    [
      "no further than is looked",
      "_('a').is === 2 && _('b').is === 2",
      { a: { is: 1 } },
      ["a"],
      { kind: "denied" },
    ],
    [
      "to none that is expected",
      "_('none') !== null && _('none').is === true",
      {},
      ["none"],
      { kind: "denied" },
    ],
    [
      "to none that is not expected",
      "_('none').is === true",
      {},
      ["none"],
      { kind: "failed", reason: '"is" cannot be read of null' },
    ],
    [
      "to what the name says",
      "_(name).is === 1",
      { "p/x": { is: 1 } },
      ["p/x"],
      { kind: "permitted" },
    ],
    [
      "to what the data says",
      "_(data.owner).is === 1",
      { me: { is: 1 } },
      ["me"],
      { kind: "permitted" },
    ],
    [
      "nested",
      "_('thing/' + _('thing/x').ref).is === 'it'",
      { "thing/x": { ref: "y" }, "thing/y": { is: "it" } },
      ["thing/x", "thing/y"],
      { kind: "permitted" },
    ],
    [
      "nested to what is not there",
      "_('t/' + _('t/x').none).is === 'it'",
      { "t/x": {} },
      ["t/x", "t/undefined"],
      { kind: "failed", reason: '"is" cannot be read of null' },
    ],
    [
      "to one record many times",
      "_('u').a === 'W' && _('u').b === 'H' && _('u') === _('u')",
      { u: { a: "W", b: "H" } },
      ["u"],
      { kind: "permitted" },
    ],
    [
      "nested to the same record",
      "_(_('u').ref).name === 'E'",
      { u: { ref: "u", name: "E" } },
      ["u"],
      { kind: "permitted" },
    ],
    [
      "to an object",
      "_(_('u').ref).name === 'E'",
      { u: { ref: {} } },
      ["u"],
      { kind: "failed", reason: "crossreference got unsupported type object" },
    ],
    [
      "to a record that is null, false or empty",
      "_('a') === null && _('b') === false",
      { a: null, b: false },
      ["a", "b"],
      { kind: "permitted" },
    ],
    [
      "beyond the limit",
      "_(_(_(_('a')+'b')+'c')+'d')",
      { a: "a", ab: "b", bc: "c" },
      ["a", "ab"],
      { kind: "failed", reason: "Exceeded max iteration count" },
    ],
    [
      "side by side beyond the limit",
      "[_('a'), _('b'), _('c')].length === 3",
      {},
      ["a", "b"],
      { kind: "failed", reason: "Exceeded max iteration count" },
    ],
    [
      "by names of objects",
      "_('__proto__') === null && _('constructor') === null",
      {},
      ["__proto__", "constructor"],
      { kind: "permitted" },
    ],
  ];
  test.each(rows)("%s", (_, text, records, expected, verdict) => {
    const rules = rulesOf({ record: { "*": {}, "p/$id": { write: text } } });
    const needed: string[] = [];
    const about = question("write", "p/x", { data: { owner: "me" } });
    expect(decided(rules, about, records, needed)).toMatchObject(verdict);
    expect(needed).toEqual(expected);
  });

  test.each([
    [1, 0],
    [2, 1],
    [3, 2],
    [10, 9],
  ])("in %d runs at most %d records are loaded", (iterationsMax, loaded) => {
    const text = Array.from({ length: 12 }, (_, index) => `_('${index}') === null`).join(" && ");
    const rules = rulesOf({ record: { "*": { read: text } } }, iterationsMax);
    const needed: string[] = [];
    expect(decided(rules, question("read", "a"), {}, needed).kind).toBe("failed");
    expect(needed.length).toBe(loaded);
  });
});

describe("what is needed to answer", () => {
  const none = { data: false, oldData: false, records: false };
  const rows: [text: string | boolean, needs: object][] = [
    [true, none],
    [false, none],
    ["user.id === $id && name !== now", none],
    ["data.data === 1", { ...none, data: true }],
    ["user.data.oldData === 1", none],
    ["oldData.data === 1", { ...none, oldData: true }],
    ["data.x > oldData.x", { ...none, data: true, oldData: true }],
    ["false && _('a') === 1", { ...none, records: true }],
    ["'data' === \"oldData\" || `_()` === ''", none],
    ["_(data.x).y", { ...none, data: true, records: true }],
  ];
  test.each(rows)("by %p", (text, needs) => {
    const rules = rulesOf({ record: { "*": {}, "a/$id": { write: text } } });
    expect(rules.needs("record", "write", "a/b")).toEqual(needs as never);
    expect(rules.needs("record", "write", "b")).toEqual(none);
    expect(rules.needs("record", "read", "a/b")).toEqual(none);
    expect(rules.needs("record", "write", undefined)).toEqual(none);
  });

  test("nothing is parsed that no rule asks for, and what is not needed is not asked for", () => {
    const rules = rulesOf({ record: { "*": { write: "user.id === 'bob' && data.x === 1" } } });
    const about = {
      ...question("write", "a"),
      data: () => {
        throw new Error("parsed");
      },
    };
    expect(decided(rules, about).kind).toBe("denied");
    expect(() => decided(rules, { ...about, user: { ...about.user, id: "bob" } })).toThrow(
      "parsed",
    );
  });
});
