// millrace token create: makes a token and prints it.

import { encodeKey } from "../auth/key-form.ts";
import type { FlagValues } from "../config/flags.ts";
import { nearMiss } from "../config/near-miss.ts";
import type { Settings } from "../config/schema.ts";
import { COMMAND_LINE } from "../core/access/audit.ts";
import type { Permission, Role } from "../core/access/principal.ts";
import { isUserId, USER_ID_RULE, type User } from "../core/access/user.ts";
import { isName, NAME_RULE } from "../core/names.ts";
import { endpointOf } from "../server/address.ts";
import { systemClock } from "../server/system-clock.ts";
import { type Command, textOf } from "./command.ts";
import { needDirectory } from "./data-directory.ts";
import { parseExpiry } from "./duration.ts";
import { shown, UsageError } from "./failures.ts";
import { requireNameOperand } from "./operands.ts";
import { auditOf, OWNER } from "./owner.ts";
import { findEndpoint } from "./remote-administration.ts";
import { settingsOf } from "./settings.ts";
import { openSigner } from "./token-signer.ts";
import { DATA_FLAGS, dataOf } from "./user-json.ts";

const ROLES: readonly Role[] = ["publish", "subscribe", "both"];
const FORMS = ["key", "jwt"] as const;
const SELECTORS = ["cache", "topic", "role"] as const;

export const tokenCreate: Command = {
  name: "token create",
  summary: "Makes a token and prints it, and nothing else, to standard output.",
  notes: [
    "Name what it allows with --cache, --topic and --role, or say --admin. A running server accepts it at once; so will one that starts later on the same data directory. Whoever has the token may do what it allows: it is shown once and kept nowhere.",
    "With --deepstream-user it also says who a client of deepstream's API is, which needs no such user to be known anywhere; millrace token revoke user:ID ends all tokens of that user.",
    "A key says by itself where its server is: at [http] public_endpoint, else at the address of the running server, else at the one that the settings say.",
  ],
  flags: [
    { name: "cache", value: "NAME|'*'", description: "The cache; '*' is all of them." },
    {
      name: "topic",
      value: "NAME|'PREFIX*'|'*'",
      description: "The topic, all topics that begin so, or all. Quote the * for the shell.",
    },
    { name: "role", value: "publish|subscribe|both", description: "What it allows there." },
    {
      name: "admin",
      description: "Everything: every topic, and making and deleting caches, tokens and keys.",
    },
    {
      name: "deepstream-user",
      value: "ID",
      description: `The id of the user that it stands for in events, records, RPCs and presence (${USER_ID_RULE}).`,
    },
    ...DATA_FLAGS,
    {
      name: "expires",
      value: "15m|24h|never",
      description:
        "After how long it ends: a number of s, m, h or d (seconds, minutes, hours, days), or never, which is the default.",
    },
    {
      name: "id",
      value: "TOKEN_ID",
      description:
        "Names who publishes with it: subscribers see it as publisher_id, and millrace token revoke ends it by it. Random by default.",
    },
    {
      name: "format",
      value: "key|jwt",
      description:
        "key: base64 of the server's endpoint and the JWT, as Momento's clients take it. jwt: the JWT alone. The server accepts both. The default is key, or jwt for a token of a deepstream user that allows no topics.",
    },
  ],
  settings: settingsOf(["[storage] data", "[http] public_endpoint", "[http] host", "[http] port"]),
  examples: [
    "millrace token create --cache my-cache --topic '*' --role both",
    "millrace token create --cache my-cache --topic 'sensors-*' --role publish --expires 24h --id sensor-7",
    `millrace token create --deepstream-user alice --server-data '{"role":"admin"}' --expires 24h`,
    "millrace token create --admin --expires 15m --format jwt",
  ],
  async run({ flags, loadSettings }, terminal) {
    const user = userOf(flags);
    const permissions = permissionsOf(flags, user !== undefined);
    const lifeMs = parseExpiry(textOf(flags, "expires") ?? "never");
    const id = textOf(flags, "id");
    const name = id === undefined ? undefined : requireNameOperand("token", id);
    if (name === COMMAND_LINE) throw new UsageError(`--id ${shown(name)} is not for tokens.`);
    const form = oneOf("format", FORMS, textOf(flags, "format") ?? defaultForm(permissions));
    const settings = loadSettings();
    needDirectory(settings.storage.data);
    const audit = auditOf(settings);
    const issuedAt = systemClock.now();
    const tokenId = name ?? crypto.randomUUID();
    const jwt = await openSigner(settings.storage.data).sign({
      id: tokenId,
      name,
      parents: [],
      user,
      admin: permissions === "all",
      permissions: permissions === "all" ? [] : permissions,
      issuedAt,
      expiresAt: lifeMs === undefined ? undefined : issuedAt + lifeMs,
    });
    audit.note(OWNER, "token.issue", { token: tokenId, admin: permissions === "all" });
    terminal.print(form === "jwt" ? jwt : encodeKey(await endpointFor(settings), jwt));
  },
};

function userOf(flags: FlagValues): User | undefined {
  const id = textOf(flags, "deepstream-user");
  const data = dataOf(flags);
  if (id === undefined) {
    const stray = DATA_FLAGS.filter(({ name }) => flags[name] !== undefined);
    if (stray.length === 0) return undefined;
    const names = dashed(stray.map(({ name }) => name));
    throw new UsageError(`Name the user with --deepstream-user, or leave ${names} away.`);
  }
  if (isUserId(id)) return { id, ...data };
  throw new UsageError(`--deepstream-user is ${shown(id)}; it must be ${USER_ID_RULE}.`);
}

/** Clients of deepstream's API take no keys. */
function defaultForm(permissions: readonly Permission[] | "all"): string {
  return permissions.length === 0 ? "jwt" : "key";
}

function permissionsOf(flags: FlagValues, isOfUser: boolean): readonly Permission[] | "all" {
  const given = SELECTORS.filter((name) => flags[name] !== undefined);
  if (flags.admin === true) {
    if (given.length === 0) return "all";
    throw new UsageError(`--admin allows everything; leave ${dashed(given)} away, or --admin.`);
  }
  if (isOfUser && given.length === 0) return [];
  const missing = SELECTORS.filter((name) => flags[name] === undefined);
  if (missing.length > 0) {
    const all = given.length === 0 ? ", or --admin, or --deepstream-user" : "";
    throw new UsageError(`token create needs ${dashed(missing)}${all}.`);
  }
  const [cache = "", topic = "", role = ""] = SELECTORS.map((name) => textOf(flags, name));
  return [
    { cache: requireCache(cache), topic: requireTopic(topic), role: oneOf("role", ROLES, role) },
  ];
}

function requireCache(cache: string): string {
  if (cache === "*" || isName(cache)) return cache;
  throw new UsageError(`--cache is ${shown(cache)}; it must be '*' or a name (${NAME_RULE}).`);
}

function requireTopic(topic: string): string {
  const prefix = topic.endsWith("*") ? topic.slice(0, -1) : topic;
  if (topic === "*" || isName(prefix)) return topic;
  throw new UsageError(
    `--topic is ${shown(topic)}; it must be '*', a name, or a name followed by * (${NAME_RULE}).`,
  );
}

function oneOf<Choice extends string>(
  flag: string,
  choices: readonly Choice[],
  text: string,
): Choice {
  const choice = choices.find((known) => known === text);
  if (choice !== undefined) return choice;
  const near = nearMiss(text, choices);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  const end = hint === "" ? "." : hint;
  throw new UsageError(
    `--${flag} is ${shown(text)}; it must be one of ${choices.join(", ")}${end}`,
  );
}

function dashed(names: readonly string[]): string {
  const flags = names.map((name) => `--${name}`);
  return flags.length === 1 ? flags.join() : `${flags.slice(0, -1).join(", ")} and ${flags.at(-1)}`;
}

async function endpointFor({ http, storage }: Settings): Promise<string> {
  const running = http.public_endpoint === "" ? await findEndpoint(storage.data) : undefined;
  return running ?? endpointOf(http, http.port);
}
