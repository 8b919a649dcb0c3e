// Momento Topics' HTTP API, with caches and tokens beside it, as one Elysia plugin.

import { Elysia } from "elysia";
import type { Tokens } from "../../core/access/tokens.ts";
import type { Caches } from "../../core/caches/caches.ts";
import type { Topics } from "../../core/topics/topics.ts";
import type { BodyServices } from "../../http/body.ts";
import { failureResponse } from "../../http/errors.ts";
import { cacheRoutes } from "./cache-routes.ts";
import type { Cors } from "./cors.ts";
import { tokenRoutes } from "./token-routes.ts";
import { topicRoutes } from "./topic-routes.ts";

export interface MomentoHttpOptions {
  readonly messageBytesMax: number;
  readonly waitSecondsMax: number;
}

export interface MomentoHttpServices extends BodyServices {
  readonly topics: Topics;
  readonly caches: Caches;
  readonly tokens: Tokens;
  readonly cors: Cors;
  /** Where keys made here lead to. */
  readonly endpoint: string;
  /** Puts a JWT into the form in which keys are handed out. */
  readonly encodeKey: (jwt: string) => string;
  /** Told of every failure that is a bug. */
  readonly onBug: (cause: unknown) => void;
}

export function momentoHttp(services: MomentoHttpServices, options: MomentoHttpOptions) {
  const { cors, onBug } = services;
  return new Elysia({ name: "momento-http" })
    .onError(({ error, code, request }) => {
      // The root answers for paths that no API owns.
      if (code === "NOT_FOUND") return undefined;
      return cors.allow(request, failureResponse(error, onBug));
    })
    .use(topicRoutes(services, options))
    .use(cacheRoutes(services))
    .use(tokenRoutes(services));
}
