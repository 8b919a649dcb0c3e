// What the command line may do to a data directory: by itself, or through the server that holds it.

import type { Settings } from "../config/schema.ts";
import type { NewUser } from "../core/access/users.ts";
import type { CacheOverrides } from "../core/caches/cache.ts";
import type { ImportLine, ImportOutcome } from "../core/imports/import-store.ts";
import type { Json } from "../core/json.ts";
import { lockDirectory } from "../engine/sqlite/directory-lock.ts";
import type { CacheJson } from "./cache-json.ts";
import { asDirectoryError, requireOwner } from "./data-directory.ts";
import { CommandError } from "./failures.ts";
import { openLocal } from "./local-administration.ts";
import type { RecordJson } from "./record-json.ts";
import { findRemote } from "./remote-administration.ts";
import type { UserJson } from "./user-json.ts";

/** What it did is durable, and heeded by a running server, when a method resolves. */
export interface Administration extends AsyncDisposable {
  /** Makes the cache, or changes what is named of its overrides. */
  putCache(name: string, overrides: CacheOverrides): Promise<{ created: boolean }>;
  /** In bytewise order of names. */
  listCaches(): Promise<readonly CacheJson[]>;
  /** Throws when there is no such cache. */
  deleteCache(name: string): Promise<void>;
  /** Returns the id of the new user. */
  addUser(user: NewUser): Promise<string>;
  /** In bytewise order of email addresses. */
  listUsers(): Promise<readonly UserJson[]>;
  /** Ends the user's tokens; throws when there is no such user. */
  removeUser(email: string): Promise<void>;
  /** Ends the user's tokens; throws when there is no such user. */
  setPassword(email: string, password: string): Promise<void>;
  /** Returns how many connections of the user were ended. */
  disconnectUser(id: string): Promise<number>;
  /** Undefined: there is no such record, or can be none. */
  findRecord(name: string): Promise<RecordJson | undefined>;
  /** Throws when there is no such record. */
  readRecord(name: string): Promise<RecordJson>;
  /** Tells nobody. Returns the version; undefined: the next. */
  replaceRecord(name: string, data: Json, version: number | undefined): Promise<number>;
  /** Tells nobody; throws when there is no such record. */
  removeRecord(name: string): Promise<void>;
  /** Tells who subscribes what the record is now. */
  notifyRecord(name: string): Promise<void>;
  /** Revokes all tokens of this id issued until now, and those minted from them. */
  revokeToken(id: string): Promise<void>;
  /** Takes lines of the import in, at most `IMPORT_LINES_MAX`; an outcome for each. */
  importLines(id: string, lines: readonly ImportLine[]): Promise<readonly ImportOutcome[]>;
  /** After the last line, and after a failure. */
  endImport(id: string): Promise<void>;
  /** Returns the id of the new key. */
  rotateKeys(revokeOld: boolean): Promise<string>;
}

/** How long a server may take to start or to stop, or another command to finish. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 50;

/** The directory must exist. */
export async function openAdministration(
  settings: Settings,
  patienceMs = PATIENCE_MS,
): Promise<Administration> {
  const directory = settings.storage.data;
  const end = performance.now() + patienceMs;
  do {
    const remote = await findRemote(directory);
    if (remote !== undefined) return remote;
    requireOwner(directory);
    const lock = takeLock(directory);
    if (lock !== undefined) return openLocal(settings, lock);
    await Bun.sleep(PAUSE_MS);
  } while (performance.now() < end);
  throw new CommandError(
    `The data directory ${directory} is in use by a process that does not answer.`,
  );
}

function takeLock(directory: string): Disposable | undefined {
  try {
    return lockDirectory(directory, 0);
  } catch (cause) {
    throw asDirectoryError(directory, cause);
  }
}
