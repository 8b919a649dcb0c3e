// millrace permissions test: says whether the rules permit something, and which of them decides.

import type { FlagValues } from "../config/flags.ts";
import type { Settings } from "../config/schema.ts";
import type {
  RuleAction,
  RuleQuestion,
  RuleReference,
  RuleSection,
  Rules,
  RuleVerdict,
} from "../core/access/rules.ts";
import { ANONYMOUS_ID, type User } from "../core/access/user.ts";
import type { Json } from "../core/json.ts";
import { readRules } from "../server/rules.ts";
import { systemClock } from "../server/system-clock.ts";
import { openAdministration } from "./administration.ts";
import { type Command, textOf } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { CommandError, NegativeAnswer, shown, UsageError } from "./failures.ts";
import { DATA_SETTING, settingsOf } from "./settings.ts";

/** As they are written in a file of rules; the operation is what the protocol calls the usual one of them. */
const ACTIONS: readonly (readonly [RuleSection, RuleAction, string])[] = [
  ["record", "create", "CREATE"],
  ["record", "read", "READ"],
  ["record", "write", "UPDATE"],
  ["record", "delete", "DELETE"],
  ["record", "listen", "LISTEN"],
  ["record", "notify", "NOTIFY"],
  ["event", "publish", "EMIT"],
  ["event", "subscribe", "SUBSCRIBE"],
  ["event", "listen", "LISTEN"],
  ["rpc", "provide", "PROVIDE"],
  ["rpc", "request", "REQUEST"],
  ["presence", "allow", "QUERY"],
];

const ACTION_NAMES = ACTIONS.map(([section, action]) => `${section}.${action}`).join(", ");

export const permissionsTest: Command = {
  name: "permissions test",
  summary: "Says whether the permission rules allow something, and which of them decides.",
  notes: [
    "Prints yes or no with the rule; the exit code is 0 for yes and 1 for no. What a rule asks of other records, by _(), is looked up in the data directory, also while a server uses it.",
    `Actions: ${ACTION_NAMES}. The part before the dot can be left out where the rest says enough.`,
  ],
  flags: [
    {
      name: "user",
      value: "JSON",
      description: `Who asks: {"id": "alice", "data": …}, where data is what the login's serverData holds. Without it, somebody who has not said who he is: {"id": "${ANONYMOUS_ID}"}.`,
    },
    { name: "action", value: "ACTION", description: "What is to be done." },
    {
      name: "name",
      value: "NAME",
      description:
        "Of the record, event, RPC or user; for listening, the pattern. Without it, of presence: all users.",
    },
    {
      name: "value",
      value: "JSON",
      description:
        "What is written or sent (data); of a write at a path, the record as it becomes.",
    },
    {
      name: "old-value",
      value: "JSON",
      description: "What the record holds before (oldData). Without it, there is no such record.",
    },
  ],
  settings: [...DATA_SETTING, ...settingsOf(["[deepstream] permissions"])],
  examples: [
    `millrace permissions test --user '{"id":"alice"}' --action write --name users/alice --value '{"age":7}'`,
    "millrace permissions test --action event.publish --name news --config /etc/millrace.toml",
  ],
  async run({ flags, loadSettings }, terminal) {
    const question = questionOf(flags);
    const settings = loadSettings();
    const { rules } = await readRules(settings, systemClock);
    if (rules === undefined) {
      throw new CommandError(
        "There are no rules to test: [deepstream] permissions names no file, so that whoever is logged in may do everything.",
      );
    }
    const verdict = await decide(rules, question, settings);
    terminal.print(describe(verdict));
    if (verdict.kind !== "permitted") throw new NegativeAnswer();
  },
};

type Answer = Exclude<RuleVerdict, { readonly kind: "needs" }>;

async function decide(rules: Rules, question: RuleQuestion, settings: Settings): Promise<Answer> {
  const loaded = new Map<string, Json | undefined>();
  for (;;) {
    const verdict = rules.decide(question, loaded);
    if (verdict.kind !== "needs") return verdict;
    loaded.set(verdict.name, await readRecord(settings, verdict.name));
  }
}

/** Undefined: there is no such record. */
async function readRecord(settings: Settings, name: string): Promise<Json | undefined> {
  requireDirectory(settings.storage.data);
  await using administration = await openAdministration(settings);
  return (await administration.findRecord(name))?.data as Json | undefined;
}

function describe(verdict: Answer): string {
  switch (verdict.kind) {
    case "permitted":
      return `yes: ${ruleText(verdict.rule)}`;
    case "denied":
      return `no: ${ruleText(verdict.rule)}`;
    case "failed":
      return `no, because the rule failed (${verdict.reason}): ${ruleText(verdict.rule)}`;
  }
}

function ruleText(rule: RuleReference | undefined): string {
  if (rule === undefined) return "no rule is about it";
  const { section, pattern, action, text } = rule;
  return `${section} ${JSON.stringify(pattern)} ${action}: ${text}`;
}

function questionOf(flags: FlagValues): RuleQuestion {
  const [section, action, operation] = actionOf(textOf(flags, "action"));
  const name = textOf(flags, "name");
  if (name === undefined && section !== "presence") {
    throw new UsageError(`--name must say which ${section} it is about.`);
  }
  const data = jsonOf(flags, "value");
  const oldData = jsonOf(flags, "old-value");
  return {
    ...{ section, action, operation, name, user: userOf(flags) },
    data: () => data,
    oldData: () => oldData ?? null,
  };
}

function actionOf(text: string | undefined): (typeof ACTIONS)[number] {
  const found = ACTIONS.filter(
    ([section, action]) => text === `${section}.${action}` || text === action,
  );
  const [only, other] = found;
  if (only !== undefined && other === undefined) return only;
  const given =
    text === undefined ? "is missing" : `${shown(text)} is ${other ? "not clear" : "none"}`;
  const choices =
    other === undefined ? ACTION_NAMES : found.map((each) => each.slice(0, 2).join("."));
  throw new UsageError(`--action ${given}: allowed are ${choices}.`);
}

function userOf(flags: FlagValues): User {
  const user = jsonOf(flags, "user") ?? { id: ANONYMOUS_ID };
  const isObject = typeof user === "object" && user !== null && !Array.isArray(user);
  const { id, data, ...rest } = isObject ? (user as Record<string, Json>) : {};
  if (typeof id !== "string" || Object.keys(rest).length > 0) {
    throw new UsageError(`--user must be an object with id, a string, and perhaps data.`);
  }
  return { id, clientData: undefined, serverData: data };
}

function jsonOf(flags: FlagValues, name: string): Json | undefined {
  const text = textOf(flags, name);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new UsageError(`--${name} is not JSON; quote it for the shell, as in '{"age":7}'.`);
  }
}
