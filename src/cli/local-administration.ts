// Administration of a data directory that no server holds: opens it, and lets it go afterwards.

import type { Settings } from "../config/schema.ts";
import type { UserSummary, Users } from "../core/access/users.ts";
import { type ErrorCode, ServiceError } from "../core/errors.ts";
import { Imports } from "../core/imports/imports.ts";
import type { Json } from "../core/json.ts";
import type { StoredRecord } from "../core/records/command.ts";
import { StoredRecords } from "../core/records/stored-records.ts";
import { SqliteEngine } from "../engine/sqlite/sqlite-engine.ts";
import { recordsLimits, writerOptions } from "../server/options.ts";
import { openServices, type Services } from "../server/services.ts";
import { systemClock } from "../server/system-clock.ts";
import type { Administration } from "./administration.ts";
import { encodeReport } from "./cache-json.ts";
import { auditOf, OWNER } from "./owner.ts";
import type { RecordJson } from "./record-json.ts";
import { encodeUser } from "./user-json.ts";

const PAGE_USERS = 1000;

/** Takes the lock over. Throws `StoreError` or `StartError` when the store cannot be opened. */
export async function openLocal(settings: Settings, lock: Disposable): Promise<Administration> {
  await using opened = new AsyncDisposableStack();
  opened.use(lock);
  const audit = auditOf(settings);
  const engine = opened.use(await openEngine(settings));
  // Nobody is connected who could fail at being told.
  const services = opened.use(openServices(settings, engine, systemClock, audit, () => {}));
  const limits = recordsLimits(settings);
  const records = new StoredRecords(engine.recordStore, services.writes, limits, () => {}, audit);
  const imports = new Imports(engine.importStore, services.writes, limits);
  return administrationOf(services, records, imports, opened.move());
}

function openEngine(settings: Settings): Promise<SqliteEngine> {
  return SqliteEngine.open({
    writer: writerOptions(settings),
    client: {
      groupCommandsMax: settings.storage.group_items_max,
      queueBytesMax: settings.storage.queue_bytes_max,
      // The command that meets a fault fails with it.
      onFault: () => {},
      onRecovery: () => {},
      onGroup: () => {},
      onRetained: () => {},
      onDeath: () => {},
    },
  });
}

function administrationOf(
  services: Services,
  records: StoredRecords,
  imports: Imports,
  opened: AsyncDisposable,
): Administration {
  const { caches, tokens, users } = services;
  return {
    putCache: (name, overrides) => caches.put(OWNER, name, overrides),
    listCaches: async () => (await caches.list(OWNER)).map(encodeReport),
    deleteCache: (name) => caches.delete(OWNER, name),
    addUser: (user) => users.add(OWNER, user),
    listUsers: async () => (await everyUser(users)).map(encodeUser),
    removeUser: (email) => users.remove(OWNER, email),
    setPassword: (email, password) => users.setPassword(OWNER, email, password),
    // Where no server runs, nobody is connected.
    disconnectUser: async () => 0,
    findRecord: async (name) => {
      try {
        return decodeRecord(await records.read(OWNER, name));
      } catch (cause) {
        if (cause instanceof ServiceError && MISSING.includes(cause.code)) return undefined;
        throw cause;
      }
    },
    readRecord: async (name) => decodeRecord(await records.read(OWNER, name)),
    replaceRecord: (name, data, version) => records.replace(OWNER, name, data, version),
    removeRecord: (name) => records.remove(OWNER, name),
    notifyRecord: async (name) => records.notify(OWNER, name),
    importLines: (id, lines) => imports.take(OWNER, id, lines),
    endImport: (id) => imports.end(OWNER, id),
    revokeToken: (id) => tokens.revoke(OWNER, id),
    rotateKeys: (revokeOld) => tokens.rotateKeys(OWNER, revokeOld),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

async function everyUser(users: Users): Promise<readonly UserSummary[]> {
  const all: UserSummary[] = [];
  for (;;) {
    const page = await users.list(OWNER, all.at(-1)?.email ?? "", PAGE_USERS);
    all.push(...page);
    if (page.length < PAGE_USERS) return all;
  }
}

const MISSING: readonly ErrorCode[] = ["record_not_found", "invalid_argument"];

function decodeRecord({ version, data }: StoredRecord): RecordJson {
  return { version, data: JSON.parse(data) as Json };
}
