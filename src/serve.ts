// The composition root: settings in, a running server out.

import { userInfo } from "node:os";
import { encodeKey } from "./auth/key-form.ts";
import { OWNER } from "./cli/owner.ts";
import { isLoopback } from "./config/loopback.ts";
import type { Settings } from "./config/schema.ts";
import type { Denial } from "./core/access/permissions.ts";
import { NO_OVERRIDES } from "./core/caches/cache.ts";
import { Imports } from "./core/imports/imports.ts";
import { makeDirectory, requireOwner } from "./engine/sqlite/directory.ts";
import { lockDirectory } from "./engine/sqlite/directory-lock.ts";
import { SqliteEngine } from "./engine/sqlite/sqlite-engine.ts";
import { StoreError } from "./engine/sqlite/store-error.ts";
import { openAudit } from "./server/audit.ts";
import { Certificates } from "./server/certificates.ts";
import { openDeepstream } from "./server/deepstream-services.ts";
import { MetricsAccess } from "./server/metrics-access.ts";
import { recordsLimits, writerOptions } from "./server/options.ts";
import { type Reloadable, type Reloaded, Reloads } from "./server/reloads.ts";
import { logNoRules, logWarnings, readRules } from "./server/rules.ts";
import { openServices, type Services } from "./server/services.ts";
import { StartError } from "./server/start-error.ts";
import type { Route } from "./server/surface.ts";
import { systemClock } from "./server/system-clock.ts";
import { DenialLog } from "./telemetry/denial-log.ts";
import { auditLogOf, type Log, openLog } from "./telemetry/log.ts";
import { Metrics } from "./telemetry/metrics.ts";
import type { Traces } from "./telemetry/traces.ts";
import { commit, version } from "./version.ts";

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
  /** What it answers on, for who checks that all of it is described. */
  routes(): readonly Route[];
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
  const { rules, warnings } = await readRules(settings, systemClock);
  logWarnings(warnings, log);
  const metrics = opened.use(
    new Metrics({ version, commit, bun: Bun.version, region: settings.region }),
  );
  const failed = Promise.withResolvers<Error>();
  opened.use(holdDirectory(settings.storage.data));
  // The store opens in a thread of its own, while this one loads what answers.
  const [engine, { openSurface }] = await Promise.all([
    openEngine(settings, log, metrics, failed.resolve),
    import("./server/surface.ts"),
  ]);
  opened.use(engine);
  const { upgrade } = engine;
  if (upgrade !== undefined) log.info("The database was brought up to date", { ...upgrade });
  const onBug = (cause: unknown) => log.error("A listener failed", { cause: String(cause) });
  const auditLog = auditLogOf(log);
  const audit = openAudit(settings, systemClock, {
    onEntry: (entry) => auditLog.info("Audit", { ...entry }),
    onFault: (cause) => log.error("The audit file cannot be written", { cause: String(cause) }),
  });
  const services = opened.use(openServices(settings, engine, systemClock, audit, onBug));
  const denials = new DenialLog(log, systemClock);
  const onDenial = (denial: Denial) => {
    metrics.ruleDenied(denial.question.section, denial.question.action);
    denials.note(denial);
  };
  const deepstream = opened.use(
    openDeepstream(settings, engine, services, systemClock, log, onBug, { rules, onDenial }),
  );
  const certificates =
    settings.http.tls.certificate === ""
      ? undefined
      : opened.use(new Certificates(settings, systemClock, log));
  const metricsAccess = new MetricsAccess(settings);
  const parts = [
    logLevel,
    ...deepstream.reloadables,
    ...(certificates === undefined ? [] : [certificates.reloadable]),
    metricsAccess.reloadable,
  ];
  const reloads = new Reloads({ settings, readSettings, parts, onReload, log });
  const traces = opened.use(await openTraces(settings, log));
  const imports = new Imports(engine.importStore, services.writes, recordsLimits(settings));
  const apart = { imports, reloads, metrics, metricsAccess, traces, certificates };
  const { url, endpoint, routes } = opened.use(
    openSurface(settings, engine, services, deepstream, apart, log),
  );
  const { data, durability } = settings.storage;
  log.info("Ready", { version, url, data, durability });
  if (deepstream.permissions.permitsAll) logNoRules(log);
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
    routes,
    heartbeat: () => engine.heartbeat(),
    prepareDemo: (cache) => prepareDemo(cache, services, endpoint),
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
  metrics: Metrics,
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
        onGroup: (commands, seconds) => metrics.committed(commands, seconds),
        onRetained: (work) => metrics.retained(work),
      },
    });
  } catch (cause) {
    throw asStartError(cause);
  }
}

/** Undefined where nothing is to be traced: the libraries are not even loaded then. */
async function openTraces({ traces, region }: Settings, log: Log): Promise<Traces | undefined> {
  if (traces.endpoint === "") return undefined;
  const { Traces } = await import("./telemetry/traces.ts");
  return new Traces({
    endpoint: traces.endpoint,
    samplePercent: traces.sample_percent,
    version,
    region,
    onFault: (why) => log.error("Sending traces failed", { why }),
    onRecovery: () => log.info("Sending traces goes on again"),
  });
}

function asStartError(cause: unknown): unknown {
  return cause instanceof StoreError ? new StartError(cause.message, { cause }) : cause;
}

async function prepareDemo(
  cache: string,
  { caches, tokens }: Services,
  endpoint: string,
): Promise<{ token: string }> {
  await caches.put(OWNER, cache, NO_OVERRIDES);
  const { token } = await tokens.issueFor(OWNER, {
    name: undefined,
    user: undefined,
    admin: false,
    permissions: [{ cache, topic: "*", role: "both" }],
    expiresInSeconds: undefined,
  });
  return { token: encodeKey(endpoint, token) };
}
