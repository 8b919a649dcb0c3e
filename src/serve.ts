// The composition root: settings in, a running server out.

import { userInfo } from "node:os";
import { encodeKey } from "./auth/key-form.ts";
import { isLoopback } from "./config/loopback.ts";
import type { Settings } from "./config/schema.ts";
import { NO_OVERRIDES } from "./core/caches/cache.ts";
import { makeDirectory, requireOwner } from "./engine/sqlite/directory.ts";
import { lockDirectory } from "./engine/sqlite/directory-lock.ts";
import { SqliteEngine } from "./engine/sqlite/sqlite-engine.ts";
import { StoreError } from "./engine/sqlite/store-error.ts";
import { Certificates } from "./server/certificates.ts";
import { openDeepstream } from "./server/deepstream-services.ts";
import { writerOptions } from "./server/options.ts";
import { type Reloadable, type Reloaded, Reloads } from "./server/reloads.ts";
import { openServices, type Services } from "./server/services.ts";
import { StartError } from "./server/start-error.ts";
import { openSurface } from "./server/surface.ts";
import { systemClock } from "./server/system-clock.ts";
import { type Log, openLog } from "./telemetry/log.ts";
import { version } from "./version.ts";

/** A command of the command line may hold the directory for a moment. */
const LOCK_WAIT_MS = 1500;

export interface ServerOptions {
  readonly settings: Settings;
  /** Reads the settings anew for a reload, or throws what is wrong; without it they stay as they are. */
  readonly readSettings?: () => Settings;
  /** Told when a reload begins and when it is over. */
  readonly onReload?: (isUnderWay: boolean) => void;
  /** Takes log lines; without it they go nowhere. */
  readonly logSink?: (line: string) => void;
}

/** Disposing stops it: waiting polls get an empty page, and what was accepted becomes durable. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  /** What keys made here carry. */
  readonly endpoint: string;
  /** Resolves when the server cannot go on because its store died. */
  readonly failed: Promise<Error>;
  /**
   * Takes up what may change while the server runs, and keeps the old of what cannot be used: the log
   * says which. No connection ends by it and no poll.
   */
  reload(): Promise<Reloaded>;
  /** Resolves when the thread that writes has had its turn: never while it hangs or when it is dead. */
  heartbeat(): Promise<void>;
  /** Makes the cache if there is none, and a token for all its topics that never expires. */
  prepareDemo(cache: string): Promise<{ token: string }>;
}

/** Throws `StartError`, in one sentence, when the server cannot start; then nothing is left open. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { settings, readSettings = () => settings, onReload = () => {} } = options;
  const { logSink = () => {} } = options;
  await using opened = new AsyncDisposableStack();
  const { log, logLevel } = openServerLog(settings, logSink);
  const failed = Promise.withResolvers<Error>();
  opened.use(holdDirectory(settings.storage.data));
  const engine = opened.use(await openEngine(settings, log, failed.resolve));
  const onBug = (cause: unknown) => log.error("A listener failed", { cause: String(cause) });
  const services = opened.use(openServices(settings, engine, systemClock, onBug));
  const deepstream = opened.use(
    openDeepstream(settings, engine, services, systemClock, log, onBug),
  );
  const certificates =
    settings.http.tls.certificate === ""
      ? undefined
      : opened.use(new Certificates(settings, systemClock, log));
  const parts = [
    logLevel,
    ...deepstream.reloadables,
    ...(certificates === undefined ? [] : [certificates.reloadable]),
  ];
  const reloads = new Reloads({ settings, readSettings, parts, onReload, log });
  const { url, endpoint } = opened.use(
    openSurface(settings, services, deepstream, reloads, certificates, log),
  );
  const { data, durability } = settings.storage;
  log.info("Ready", { version, url, data, durability });
  if (settings.http.public_endpoint === "" && !isLoopback(settings.http.host)) {
    log.warn("Keys carry an address that only this machine may know: set [http] public_endpoint", {
      endpoint,
    });
  }
  const running = opened.move();
  return {
    url,
    endpoint,
    failed: failed.promise,
    reload: () => reloads.reload(),
    heartbeat: () => engine.heartbeat(),
    prepareDemo: (cache) => prepareDemo(cache, engine, services, endpoint),
    async [Symbol.asyncDispose]() {
      log.info("Stopping", { waiters: services.waiters.count() });
      await running.disposeAsync();
      log.info("Stopped");
    },
  };
}

function openServerLog(settings: Settings, write: (line: string) => void) {
  const openAt = ({ log: { level } }: Settings) =>
    openLog({ level, format: settings.log.format, region: settings.region, write });
  const logLevel: Reloadable = {
    name: "log level",
    keys: ["[log] level"],
    reload: (anew) => void openAt(anew),
  };
  return { log: openAt(settings), logLevel };
}

function holdDirectory(directory: string): Disposable {
  try {
    makeDirectory(directory);
    requireOwner(directory, userInfo().uid);
    const lock = lockDirectory(directory, LOCK_WAIT_MS);
    if (lock !== undefined) return lock;
  } catch (cause) {
    throw asStartError(cause);
  }
  throw new StartError(`The data directory ${directory} is in use by another Millrace server.`);
}

async function openEngine(
  settings: Settings,
  log: Log,
  onDeath: (cause: Error) => void,
): Promise<SqliteEngine> {
  try {
    return await SqliteEngine.open({
      writer: writerOptions(settings),
      client: {
        groupCommandsMax: settings.storage.group_items_max,
        queueBytesMax: settings.storage.queue_bytes_max,
        onFault: (work, fault) => log.error(`${work} failed`, { fault }),
        onRecovery: (work) => log.info(`${work} goes on again`),
        onDeath,
      },
    });
  } catch (cause) {
    throw asStartError(cause);
  }
}

function asStartError(cause: unknown): unknown {
  return cause instanceof StoreError ? new StartError(cause.message, { cause }) : cause;
}

async function prepareDemo(
  cache: string,
  engine: SqliteEngine,
  { signer }: Services,
  endpoint: string,
): Promise<{ token: string }> {
  await engine.cacheStore.put(cache, NO_OVERRIDES);
  const jwt = await signer.sign({
    id: crypto.randomUUID(),
    name: undefined,
    parents: [],
    admin: false,
    permissions: [{ cache, topic: "*", role: "both" }],
    issuedAt: systemClock.now(),
    expiresAt: undefined,
  });
  return { token: encodeKey(endpoint, jwt) };
}
