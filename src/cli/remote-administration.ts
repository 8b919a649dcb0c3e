// Administration through the server that holds the data directory, over its socket.

import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { COMMAND_LINE } from "../core/access/audit.ts";
import { encodeLineJson, OutcomeJson } from "../http/export-lines.ts";
import { systemClock } from "../server/system-clock.ts";
import { adminSocketPath, isOwnSocket } from "./admin-socket.ts";
import type { Administration } from "./administration.ts";
import { CacheJson, encodeOverrides } from "./cache-json.ts";
import { CommandError } from "./failures.ts";
import { RecordJson } from "./record-json.ts";
import { openSigner } from "./token-signer.ts";
import { encodeNewUser, UserJson } from "./user-json.ts";

const HEALTH_MS_MAX = 2000;
const ANSWER_MS_MAX = 60_000;
const TOKEN_MS = 60_000;
const PAGE_USERS = 1000;

const HealthAnswer = Type.Object({
  endpoint: Type.String(),
  version: Type.String(),
  region: Type.String(),
});
const CachesAnswer = Type.Object({ caches: Type.Array(CacheJson) });
const RotateAnswer = Type.Object({ kid: Type.String() });
const AddedAnswer = Type.Object({ id: Type.String() });
const UsersAnswer = Type.Object({ users: Type.Array(UserJson) });
const DisconnectedAnswer = Type.Object({ disconnected: Type.Integer() });
const ReplacedAnswer = Type.Object({ version: Type.Number() });
const ReloadedAnswer = Type.Object({
  reloaded: Type.Array(Type.String()),
  failed: Type.Array(Type.Object({ name: Type.String(), reason: Type.String() })),
  restart: Type.Array(Type.String()),
});
const ImportAnswer = Type.Object({ outcomes: Type.Array(OutcomeJson) });
const ErrorAnswer = Type.Object({ detail: Type.String() });

/** Undefined when no server is ready to answer. */
export async function findRemote(directory: string): Promise<Administration | undefined> {
  const send = await findSender(directory);
  return send && administrationOf(send);
}

/** What the running server has taken up anew; undefined when none is ready to answer. */
export async function reloadRemote(
  directory: string,
): Promise<Static<typeof ReloadedAnswer> | undefined> {
  const send = await findSender(directory);
  return send && (await read(ReloadedAnswer, await send("POST", ["reload"])));
}

/** What the keys of a running server carry; undefined when none is ready to answer. */
export async function findEndpoint(directory: string): Promise<string | undefined> {
  const health = await findHealth(directory);
  return health?.endpoint;
}

/** What the server that holds the directory says of itself; undefined when none is ready to answer. */
export async function findHealth(
  directory: string,
): Promise<Static<typeof HealthAnswer> | undefined> {
  const unix = adminSocketPath(directory);
  if (!isOwnSocket(unix, directory)) return undefined;
  return askHealth("http://millrace/health", unix);
}

/** Undefined when nobody there is ready to answer; `unix` is the socket to go through, if any. */
export async function askHealth(
  url: string,
  unix?: string,
): Promise<Static<typeof HealthAnswer> | undefined> {
  try {
    const signal = AbortSignal.timeout(HEALTH_MS_MAX);
    const answer = await fetch(url, { signal, ...(unix !== undefined && { unix }) });
    return answer.ok ? await read(HealthAnswer, answer) : undefined;
  } catch {
    // Nobody listens: the server was killed, or is just starting or stopping.
    return undefined;
  }
}

type Send = (
  method: string,
  path: readonly string[],
  body?: object,
  query?: string,
) => Promise<Response>;

async function findSender(directory: string): Promise<Send | undefined> {
  const health = await findHealth(directory);
  if (health === undefined) return undefined;
  return senderOf(adminSocketPath(directory), await mintAdminToken(directory));
}

/** What the server answers of what is not there, or can not be. */
const MISSING = [400, 404];

class Refused extends CommandError {
  readonly status: number;

  constructor(detail: string, status: number) {
    super(detail);
    this.status = status;
  }
}

function administrationOf(send: Send): Administration {
  return {
    async putCache(name, overrides) {
      const answer = await send("PUT", ["caches", name], encodeOverrides(overrides));
      return { created: answer.status === 201 };
    },
    async listCaches() {
      return read(CachesAnswer, await send("GET", ["caches"])).then(({ caches }) => caches);
    },
    async deleteCache(name) {
      await send("DELETE", ["caches", name]);
    },
    async addUser(user) {
      const answer = await send("POST", ["users"], encodeNewUser(user));
      return read(AddedAnswer, answer).then(({ id }) => id);
    },
    listUsers: () => everyUser(send),
    async removeUser(email) {
      await send("DELETE", ["users", email]);
    },
    async setPassword(email, password) {
      await send("PUT", ["users", email, "password"], { password });
    },
    async disconnectUser(id) {
      const query = `?user=${encodeURIComponent(id)}`;
      const answer = await send("DELETE", ["connections"], undefined, query);
      return read(DisconnectedAnswer, answer).then(({ disconnected }) => disconnected);
    },
    async findRecord(name) {
      try {
        return await this.readRecord(name);
      } catch (cause) {
        if (cause instanceof Refused && MISSING.includes(cause.status)) return undefined;
        throw cause;
      }
    },
    async readRecord(name) {
      return read(RecordJson, await send("GET", ["records"], undefined, nameQuery(name)));
    },
    async replaceRecord(name, data, version) {
      const answer = await send("PUT", ["records"], { data, version }, nameQuery(name));
      return read(ReplacedAnswer, answer).then((replaced) => replaced.version);
    },
    async removeRecord(name) {
      await send("DELETE", ["records"], undefined, nameQuery(name));
    },
    async notifyRecord(name) {
      await send("POST", ["records", "notify"], undefined, nameQuery(name));
    },
    async importLines(id, lines) {
      const body = { lines: lines.map(encodeLineJson) };
      const answer = await send("POST", ["imports", id], body);
      return read(ImportAnswer, answer).then(({ outcomes }) => outcomes);
    },
    async endImport(id) {
      await send("DELETE", ["imports", id]);
    },
    async revokeToken(id) {
      await send("DELETE", ["tokens", id]);
    },
    async rotateKeys(revokeOld) {
      const answer = await send("POST", ["keys", "rotate"], { revoke_old: revokeOld });
      return read(RotateAnswer, answer).then(({ kid }) => kid);
    },
    async [Symbol.asyncDispose]() {},
  };
}

function nameQuery(name: string): string {
  return `?name=${encodeURIComponent(name)}`;
}

async function everyUser(send: Send): Promise<readonly UserJson[]> {
  const all: UserJson[] = [];
  for (;;) {
    const after = encodeURIComponent(all.at(-1)?.email ?? "");
    const query = `?limit=${PAGE_USERS}&after=${after}`;
    const { users } = await read(UsersAnswer, await send("GET", ["users"], undefined, query));
    all.push(...users);
    if (users.length < PAGE_USERS) return all;
  }
}

function mintAdminToken(directory: string): Promise<string> {
  const issuedAt = systemClock.now();
  return openSigner(directory).sign({
    id: COMMAND_LINE,
    name: undefined,
    parents: [],
    admin: true,
    permissions: [],
    issuedAt,
    expiresAt: issuedAt + TOKEN_MS,
  });
}

function senderOf(unix: string, token: string): Send {
  return async (method, path, body, query = "") => {
    const url = `http://millrace/${path.map(encodeURIComponent).join("/")}${query}`;
    const answer = await fetchAnswer(url, {
      method,
      unix,
      headers: { authorization: token },
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.ok) return answer;
    throw new Refused((await read(ErrorAnswer, answer)).detail, answer.status);
  };
}

async function fetchAnswer(url: string, init: BunFetchRequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw new CommandError(
      "The running server went away before it answered: whether it did the work is not known.",
      { cause },
    );
  }
}

async function read<Schema extends TSchema>(
  schema: Schema,
  answer: Response,
): Promise<Static<Schema>> {
  const value: unknown = await answer.json().catch(() => undefined);
  if (Value.Check(schema, value)) return value;
  throw new CommandError(
    `The running server gave an answer (status ${answer.status}) that this version does not understand; it may be another version.`,
  );
}
