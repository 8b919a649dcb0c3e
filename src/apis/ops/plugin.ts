// What operators and their tools ask: is it alive, which version, what does it measure.

import { Elysia } from "elysia";
import type { HealthAnswer } from "./answers.ts";
import { type DescriptionServices, descriptionRoutes } from "./description-routes.ts";

export interface OpsServices extends DescriptionServices {
  readonly health: () => Health;
  /** Prometheus' text format; undefined: not shown to this request. */
  readonly metrics: (request: Request) => Promise<string> | undefined;
}

export interface Cors {
  /** Adds what a browser needs to hand the answer to the page. */
  allow(request: Request, response: Response): Response;
  /** The answer to a preflight request. */
  preflight(request: Request): Response;
}

export interface Health {
  /** False while the server stops: it finishes what it has and takes nothing more. */
  readonly ready: boolean;
  readonly version: string;
  readonly commit: string;
  readonly bun: string;
  readonly region: string;
  /** What keys made here carry. */
  readonly endpoint: string;
}

export function ops(services: OpsServices) {
  const { cors, health, metrics } = services;
  return new Elysia({ name: "ops" })
    .use(descriptionRoutes(services))
    .get("/health", ({ request }) => {
      const { ready, ...about } = health();
      const body: HealthAnswer = {
        status: ready ? "ready" : "stopping",
        live: true,
        ready,
        ...about,
      };
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
