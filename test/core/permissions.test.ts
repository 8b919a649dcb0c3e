// What rules are asked, whoever asks: within bounds, and without keeping others waiting.

import { describe, expect, test } from "bun:test";
import { Permissions } from "../../src/core/access/permissions.ts";
import { refusal } from "../support/refusal.ts";
import { TestRules } from "../support/rules.ts";
import { user } from "../support/users.ts";

const ALICE = user("alice");
const NAMES = Array.from({ length: 100 }, (_, n) => `n${n}`);

describe("a question for many names", () => {
  test.each<[string, (permissions: Permissions) => unknown]>([
    ["that are subscribed to", (it) => it.refusals(ALICE, "event", "subscribe", "S", NAMES)],
    ["of users", (it) => it.requirePresence(ALICE, "QUERY", NAMES)],
    ["that are all wanted", (it) => it.requireAll(NAMES, () => {})],
  ])("%s lets others have their turn before each", async (_, ask) => {
    let rests = 0;
    const permissions = open({ "event.subscribe": true, "presence.allow": true }, async () => {
      await new Promise(setImmediate);
      rests += 1;
    });
    await ask(permissions);
    expect(rests).toBe(NAMES.length);
  });

  test("whose rule asks for records lets others have their turn before each of these", async () => {
    let rests = 0;
    const rule = ({ record }: { record: (name: string) => unknown }) =>
      NAMES.every((name) => record(name) === null);
    const permissions = open({ "event.publish": { records: true, rule } }, () => {
      rests += 1;
    });
    await permissions.require({
      ...({ section: "event", action: "publish", operation: "EMIT" } as const),
      ...{ name: "e", user: ALICE },
    });
    expect(rests).toBe(NAMES.length);
  });
});

test("rules are asked nothing about a name that is longer than any", async () => {
  const rules = new TestRules({ "record.read": true });
  const asked: string[] = [];
  const needs = rules.needs.bind(rules);
  rules.needs = (section, action) => {
    asked.push(action);
    return needs(section, action);
  };
  const permissions = open(rules);
  const name = "x".repeat(8193);
  expect(permissions.needs("record", "read", name)).toEqual({
    ...{ data: false, oldData: false, records: false },
  });
  const question = { section: "record", action: "read", operation: "READ", user: ALICE } as const;
  const error = await refusal(() => permissions.require({ ...question, name }));
  expect([error.code, asked, rules.asked]).toEqual(["permission_denied", [], []]);
  await permissions.require({ ...question, name: name.slice(1) });
  expect(rules.asked).toHaveLength(1);
});

function open(
  rules: TestRules | ConstructorParameters<typeof TestRules>[0],
  rest: () => void | Promise<void> = () => {},
): Permissions {
  return new Permissions(rules instanceof TestRules ? rules : new TestRules(rules), {
    look: async (name) => ({ name, record: undefined, revision: 0 }),
    rest,
    onDenial: () => {},
  });
}
