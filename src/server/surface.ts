// Everything that can be reached from outside: the Elysia application and the sockets it answers on.

import { Elysia } from "elysia";
import { adminHttp } from "../apis/admin-http/plugin.ts";
import { Cors as DeepstreamCors } from "../apis/deepstream-http/cors.ts";
import { deepstreamHttp } from "../apis/deepstream-http/plugin.ts";
import { dataReader } from "../apis/deepstream-ws/data.ts";
import { Hub } from "../apis/deepstream-ws/hub.ts";
import { deepstreamWs } from "../apis/deepstream-ws/plugin.ts";
import { Cors } from "../apis/momento-http/cors.ts";
import { momentoHttp } from "../apis/momento-http/plugin.ts";
import { TOPIC } from "../apis/momento-http/topic-routes.ts";
import { endpointNotFound, ops } from "../apis/ops/plugin.ts";
import { encodeKey } from "../auth/key-form.ts";
import { adminSocketPath } from "../cli/admin-socket.ts";
import type { Settings } from "../config/schema.ts";
import { requireAdmin } from "../core/access/principal.ts";
import type { Imports } from "../core/imports/imports.ts";
import { internalErrorResponse } from "../http/errors.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Traces } from "../telemetry/traces.ts";
import { commit, version } from "../version.ts";
import { endpointOf, urlOf } from "./address.ts";
import type { Certificates } from "./certificates.ts";
import { countedFetch, type TakenRoute } from "./counted-fetch.ts";
import type { DeepstreamServices } from "./deepstream-services.ts";
import { figuresOf, type WatchedStore } from "./figures.ts";
import { type Application, type Fetch, type Listener, listenTcp, listenUnix } from "./listener.ts";
import type { MetricsAccess } from "./metrics-access.ts";
import {
  deepstreamOptions,
  hubLimits,
  limitsInForce,
  rpcTopicOptions,
  webSocketLimits,
} from "./options.ts";
import { listenForRedirects } from "./redirect.ts";
import type { Reloads } from "./reloads.ts";
import type { Services } from "./services.ts";
import { stoppingResponse } from "./stopping.ts";
import { listenTls } from "./tls-listener.ts";
import { tracedFetch } from "./traced-fetch.ts";
import { TrustedProxies } from "./trusted-proxies.ts";

/** Where Elysia begins to look for the path of a URL, without `standardHostname` and with it. */
const PATH_FROM = { http: 7, https: 11 };

export interface Surface extends AsyncDisposable {
  readonly url: string;
  /** What keys made here carry. */
  readonly endpoint: string;
  routes(): readonly Route[];
}

/** What it answers on. */
export interface Route {
  /** In capitals; `ALL`: any that no other route of the path has. */
  readonly method: string;
  /** With `:name` for a parameter, and `*` for the rest. */
  readonly path: string;
}

export interface SurfaceParts {
  readonly imports: Imports;
  readonly reloads: Reloads;
  readonly metrics: Metrics;
  readonly metricsAccess: MetricsAccess;
  /** Undefined: nothing is traced. */
  readonly traces: Traces | undefined;
  /** Undefined: it speaks plain HTTP. */
  readonly certificates: Certificates | undefined;
}

/** Disposing ends the waiting polls, refuses what is new and lets what is in flight end. */
export function openSurface(
  settings: Settings,
  store: WatchedStore,
  services: Services,
  deepstream: DeepstreamServices,
  { imports, reloads, metrics, metricsAccess, traces, certificates }: SurfaceParts,
  log: Log,
): Surface {
  const { http, topics, region } = settings;
  const cors = new Cors(http.origins);
  const deepstreamCors = new DeepstreamCors(settings.deepstream.origins);
  let isReady = true;
  let app: { fetch: Fetch; routes: readonly Route[] } | undefined;
  const taken: TakenRoute = { path: "" };
  const answer: Fetch = (request) => {
    if (app !== undefined && (isReady || isHealth(request))) return app.fetch(request);
    return stoppingResponse(request, settings.deepstream, {
      momento: cors,
      deepstream: deepstreamCors,
    });
  };
  const counted = countedFetch(answer, taken, metrics.requests, TOPIC);
  const fetch =
    traces === undefined ? counted : tracedFetch(counted, taken, metrics.requests, traces);
  const isTls = certificates !== undefined;
  const application: Application = {
    fetch,
    pathFrom: isTls ? PATH_FROM.https : PATH_FROM.http,
    limits: webSocketLimits(settings),
  };
  const tcp = isTls
    ? listenTls(http, application, { certificates, http2: http.tls.http2 })
    : listenTcp(http, application);
  const url = urlOf(http, tcp.port);
  const endpoint = endpointOf(http, tcp.port);
  const onBug = (cause: unknown) => log.error("A request failed", { cause: textOf(cause) });
  const hub = new Hub(
    {
      ...services,
      ...deepstream,
      rpcOptions: rpcTopicOptions(settings),
      readData: dataReader(settings.records.depth_max),
      onBug,
    },
    hubLimits(settings),
  );
  const proxies = new TrustedProxies(http.trusted_proxies);
  /** What the APIs may do to the connection of a request, and know of it. */
  const sockets = {
    holdOpen: (request: Request) => tcp.holdOpen(request),
    letIdle: (request: Request) => tcp.letIdle(request),
    addressOf: (request: Request) =>
      proxies.clientOf(tcp.addressOf(request), request.headers.get("x-forwarded-for")),
    connectionsAreShared: isTls && http.tls.http2,
  };
  /** Tells the metrics whose routes these are. */
  const named = <Api extends { routes: readonly { path: string }[] }>(name: string, api: Api) => {
    metrics.requests.know(
      name,
      api.routes.map(({ path }) => path),
    );
    return api;
  };
  app = new Elysia({
    // Bun's own router would see malformed paths otherwise than Elysia's.
    systemRouter: false,
    strictPath: true,
    // Without TLS, any Host header will do, however short; with it, the listener sees to that.
    handler: { standardHostname: isTls },
  })
    // Before the routes, and before anything that waits: `countedFetch` reads it after the call.
    .onTransform(({ route }) => {
      taken.path = route;
    })
    .use(
      named(
        "momento-http",
        momentoHttp(
          {
            ...services,
            endpoint,
            cors,
            encodeKey: (jwt) => encodeKey(endpoint, jwt),
            ...sockets,
            onBug,
          },
          {
            messageBytesMax: topics.message_bytes_max,
            waitSecondsMax: topics.wait_seconds_max,
          },
        ),
      ),
    )
    .use(
      named(
        "admin-http",
        adminHttp({
          ...services,
          storedRecords: deepstream.storedRecords,
          imports,
          recordDepthMax: settings.records.depth_max,
          limits: limitsInForce(settings),
          reload(principal) {
            requireAdmin(principal);
            return reloads.reload();
          },
          ...sockets,
          onBug,
        }),
      ),
    )
    .use(
      named(
        "deepstream-http",
        deepstreamHttp(
          {
            ...services,
            ...deepstream,
            cors: deepstreamCors,
            ...sockets,
            onBug,
          },
          deepstreamOptions(settings),
        ),
      ),
    )
    .use(
      named(
        "deepstream-ws",
        deepstreamWs({
          hub,
          upgrade: tcp.upgrade,
          refuse: (request) => deepstreamCors.refuse(request),
          addressOf: sockets.addressOf,
        }),
      ),
    )
    .use(
      named(
        "ops",
        ops({
          cors,
          health: () => {
            const { writing: writes } = store;
            const status = writes === "dead" ? "failed" : isReady ? "ready" : "stopping";
            return { status, writes, version, commit, bun: Bun.version, region, endpoint };
          },
          metrics: (request) =>
            metricsAccess.isFor(request)
              ? metrics.render(figuresOf(settings, store, services, deepstream, hub))
              : undefined,
          describe: async () => {
            // A server need not load what it seldom tells, before it is ready.
            const { describeServer } = await import("./description.ts");
            // Where no endpoint is set, the address is that at which it was read.
            return describeServer(settings, "/");
          },
          onBug,
        }),
      ),
    )
    .onError(({ code, error, request }) => {
      if (code === "NOT_FOUND") return cors.allow(request, endpointNotFound());
      onBug(error);
      return internalErrorResponse();
    })
    .compile();
  const beside = openBeside(settings, application, tcp, certificates);
  return {
    url,
    endpoint,
    routes: () => app?.routes.map(({ method, path }) => ({ method, path })) ?? [],
    async [Symbol.asyncDispose]() {
      isReady = false;
      services.waiters.close();
      deepstream.rpcs[Symbol.dispose]();
      hub[Symbol.dispose]();
      await closeAll([tcp, ...beside]);
    },
  };
}

/** What listens beside the port; `tcp` is closed where something of it cannot. */
function openBeside(
  { http, storage }: Settings,
  application: Application,
  tcp: Listener,
  certificates: Certificates | undefined,
): readonly AsyncDisposable[] {
  const opened: AsyncDisposable[] = [];
  try {
    opened.push(listenUnix(adminSocketPath(storage.data), application));
    if (certificates !== undefined && http.tls.redirect_port !== 0) {
      const target = { publicEndpoint: http.public_endpoint, port: tcp.port, certificates };
      opened.push(listenForRedirects(http, target));
    }
    return opened;
  } catch (cause) {
    void closeAll([tcp, ...opened]);
    throw cause;
  }
}

async function closeAll(listeners: readonly AsyncDisposable[]): Promise<void> {
  await Promise.all(listeners.map((listener) => listener[Symbol.asyncDispose]()));
}

function isHealth(request: Request): boolean {
  return new URL(request.url).pathname === "/health";
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
