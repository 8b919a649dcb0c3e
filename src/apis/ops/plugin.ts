// What operators and their tools ask: is it alive, which version, what does it measure.

import { Elysia } from "elysia";
import { failureResponse } from "../../http/errors.ts";
import type { HealthAnswer } from "./answers.ts";
import { type DescriptionServices, descriptionRoutes } from "./description-routes.ts";

export interface OpsServices extends DescriptionServices {
  readonly health: () => Health;
  /** Prometheus' text format; undefined: not shown to this request. Throws `unauthenticated`. */
  readonly metrics: (request: Request) => Promise<string> | undefined;
  /** Told of every failure that is a bug. */
  readonly onBug: (cause: unknown) => void;
}

export interface Cors {
  /** Adds what a browser needs to hand the answer to the page. */
  allow(request: Request, response: Response): Response;
  /** The answer to a preflight request. */
  preflight(request: Request): Response;
}

export interface Health {
  /**
   * Stopping: the server finishes what it has and takes nothing more. Failed: its store is dead, and it
   * is about to end.
   */
  readonly status: "ready" | "stopping" | "failed";
  /** How the disk takes what is written. Failing and stalled: it does not, but reading goes on. */
  readonly writes: "ok" | "failing" | "stalled" | "dead";
  readonly version: string;
  readonly commit: string;
  readonly bun: string;
  readonly region: string;
  /** What keys made here carry. */
  readonly endpoint: string;
}

export function ops(services: OpsServices) {
  const { cors, health, metrics, onBug } = services;
  return new Elysia({ name: "ops" })
    .onError(({ error, code }) => {
      // The root answers for paths that no API owns.
      if (code === "NOT_FOUND") return undefined;
      return failureResponse(error, onBug);
    })
    .use(descriptionRoutes(services))
    .get("/health", ({ request }) => {
      const { status, ...about } = health();
      const ready = status === "ready";
      const body: HealthAnswer = { status, live: status !== "failed", ready, ...about };
      const answer = Response.json(body, {
        status: ready ? 200 : 503,
        headers: { "cache-control": "no-store", ...(ready ? {} : { "retry-after": "1" }) },
      });
      return cors.allow(request, answer);
    })
    .options("/health", ({ request }) => cors.preflight(request))
    .get("/metrics", ({ request }) => {
      const text = metrics(request);
      if (text === undefined) return endpointNotFound();
      return text.then(
        (body) =>
          new Response(body, {
            headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
          }),
      );
    });
}

/** For paths that no API owns. */
export function endpointNotFound(): Response {
  return new Response("Endpoint not found.", {
    status: 404,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}
