// Lets web pages use the API, and refuses those of origins that are not listed.

import { JSON_ANSWER, jsonResponse, textResponse } from "./answers.ts";

const METHODS = ["GET", "POST", "OPTIONS"];
const HEADERS = [
  ...["X-Requested-With", "X-HTTP-Method-Override", "Content-Type", "Accept"],
  // For reading records by GET.
  ...["Authorization", "If-None-Match"],
];
const EXPOSED_HEADERS = "ETag, Retry-After";

const OPEN_JSON_ANSWER = { headers: new Headers(JSON_ANSWER.headers) };
OPEN_JSON_ANSWER.headers.set("access-control-allow-origin", "*");

export class Cors {
  readonly #origins: ReadonlySet<string>;

  /** No origins: any. */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
  }

  /** The answer to a request of a page that may not call; undefined: it may. */
  refuse({ headers }: Request): Response | undefined {
    if (this.#origins.size === 0) return undefined;
    const origin = originOf(headers);
    if (origin === undefined) {
      return textResponse(
        403,
        'CORS is configured for this. All requests must set a valid "Origin" header.',
      );
    }
    if (this.#origins.has(origin)) return undefined;
    return textResponse(403, `Origin "${origin}" is forbidden.`);
  }

  /** Adds to an answer what a browser needs to hand it to the page. */
  allow({ headers }: Request, response: Response): Response {
    const added = response.headers;
    if (this.#origins.size === 0) {
      added.set("access-control-allow-origin", "*");
    } else {
      added.append("vary", "Origin");
      const origin = originOf(headers);
      if (origin === undefined || !this.#origins.has(origin)) return response;
      added.set("access-control-allow-origin", origin);
      added.set("access-control-allow-credentials", "true");
    }
    if (headers.has("origin")) added.set("access-control-expose-headers", EXPOSED_HEADERS);
    return response;
  }

  /** An answer in JSON to which `allow` has been applied. */
  json(request: Request, json: string): Response {
    // What a program gets that is no page is made once: to add to the headers of each costs as much again.
    return this.#origins.size === 0 && !request.headers.has("origin")
      ? jsonResponse(json, OPEN_JSON_ANSWER)
      : this.allow(request, jsonResponse(json));
  }

  /** The answer to a preflight request. */
  preflight(request: Request): Response {
    return this.allow(request, this.refuse(request) ?? preflightOf(request.headers));
  }
}

function preflightOf(headers: Headers): Response {
  const method = headers.get("access-control-request-method");
  if (method === null) return textResponse(400, missing("Access-Control-Request-Method"));
  if (!METHODS.includes(method)) {
    return textResponse(403, `Method ${method} is forbidden. Supported methods: ${list(METHODS)}`);
  }
  const asked = headers.get("access-control-request-headers");
  if (asked === null) return textResponse(400, missing("Access-Control-Request-Headers"));
  const known = new Set(HEADERS.map((name) => name.toLowerCase()));
  for (const name of asked.split(",").map((text) => text.trim())) {
    if (name === "" || known.has(name.toLowerCase())) continue;
    return textResponse(403, `Header ${name} is forbidden. Supported headers: ${list(HEADERS)}`);
  }
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": list(METHODS),
      "access-control-allow-headers": list(HEADERS),
    },
  });
}

/** A page that sends no Origin with a GET says where it is in the Referer. */
function originOf(headers: Headers): string | undefined {
  const origin = headers.get("origin");
  if (origin !== null) return origin;
  const referer = headers.get("referer");
  return referer !== null && URL.canParse(referer) ? new URL(referer).origin : undefined;
}

function missing(header: string): string {
  return `Missing header "${header}".`;
}

function list(names: readonly string[]): string {
  return names.join(", ");
}
