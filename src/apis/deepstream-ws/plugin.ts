// The paths at which a request becomes a connection of deepstream's protocol.

import { Elysia } from "elysia";
import { ServiceError } from "../../core/errors.ts";
import { callerOf } from "../../http/caller.ts";
import type { Upgrade } from "../../http/web-socket.ts";
import type { Hub } from "./hub.ts";

export interface DeepstreamWsServices {
  readonly hub: Hub;
  readonly upgrade: Upgrade;
  /** The answer to a page whose origin may not call; undefined: it may. */
  readonly refuse: (request: Request) => Response | undefined;
  /** Of the other end of the connection; empty on a local socket. */
  readonly addressOf: (request: Request) => string;
}

const PATHS = [
  ["/deepstream", "binary"],
  ["/deepstream-json", "json"],
] as const;

export const NO_WEB_SOCKET = "This is the place for WebSockets of deepstream's clients.";

export function deepstreamWs(services: DeepstreamWsServices) {
  const app = new Elysia({ name: "deepstream-ws" });
  for (const [path, format] of PATHS) {
    app.get(path, ({ request }) => connect(services, format, request));
  }
  return app;
}

/** When the request is a WebSocket now, Bun sends nothing of the answer; its status is for who counts. */
function connect(
  { hub, upgrade, refuse, addressOf }: DeepstreamWsServices,
  format: "binary" | "json",
  request: Request,
): Response {
  const refusal = refuse(request);
  if (refusal !== undefined) return refusal;
  const caller = callerOf({ addressOf }, request);
  try {
    if (upgrade(request, hub.connect(format, caller))) return new Response(null, { status: 101 });
    return answer(426, NO_WEB_SOCKET, {
      connection: "upgrade",
      upgrade: "websocket",
    });
  } catch (cause) {
    if (!(cause instanceof ServiceError)) throw cause;
    return answer(503, cause.message, { "retry-after": String(cause.retryAfterSeconds) });
  }
}

function answer(status: number, text: string, headers: Record<string, string>): Response {
  return new Response(`${text}\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      ...headers,
    },
  });
}
