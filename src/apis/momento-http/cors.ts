// Lets pages of other origins call this API from browsers.

const METHODS = "GET, HEAD, POST, PUT, DELETE, OPTIONS";
const REQUEST_HEADERS = "authorization, content-type, idempotency-key";
const EXPOSED_HEADERS =
  "Topic-Sequence-Number, Topic-Sequence-Page, Idempotent-Replay, Retry-After";
const PREFLIGHT_SECONDS = "86400";

export class Cors {
  readonly #origins: ReadonlySet<string>;

  /** No origins: any. */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
  }

  /** Adds to an answer what a browser needs to hand it to the page. Costs nothing for who is no browser. */
  allow(request: Request, response: Response): Response {
    const origin = request.headers.get("origin");
    if (origin === null) return response;
    if (this.#origins.size === 0) {
      response.headers.set("access-control-allow-origin", "*");
    } else {
      response.headers.append("vary", "Origin");
      if (!this.#origins.has(origin)) return response;
      response.headers.set("access-control-allow-origin", origin);
    }
    response.headers.set("access-control-expose-headers", EXPOSED_HEADERS);
    return response;
  }

  /** The answer to a preflight request. */
  preflight(request: Request): Response {
    const headers = {
      "access-control-allow-methods": METHODS,
      "access-control-allow-headers": REQUEST_HEADERS,
      "access-control-max-age": PREFLIGHT_SECONDS,
      allow: METHODS,
    };
    return this.allow(request, new Response(null, { status: 204, headers }));
  }
}
