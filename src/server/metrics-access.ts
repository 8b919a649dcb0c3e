// Who may read the metrics: whoever has their token, or without one, who asks on the machine itself.

import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { isLoopback } from "../config/loopback.ts";
import type { Settings } from "../config/schema.ts";
import { ServiceError } from "../core/errors.ts";
import { tokenOf } from "../http/token.ts";
import type { Reloadable } from "./reloads.ts";
import { StartError } from "./start-error.ts";

const TOKEN = /^[\x21-\x7e]{16,255}$/;

export class MetricsAccess {
  readonly reloadable: Reloadable = {
    name: "metrics token",
    keys: ["[metrics] token_file"],
    reload: (settings) => {
      this.#expected = expectedBy(settings);
    },
  };
  /** Whether the server can be reached by nobody elsewhere, which no reload changes. */
  readonly #isLoopback: boolean;
  /** Undefined: no token is asked for. */
  #expected: Buffer | undefined;

  /** Throws `StartError` when the file of the token cannot be used. */
  constructor(settings: Settings) {
    this.#isLoopback = isLoopback(settings.http.host);
    this.#expected = expectedBy(settings);
  }

  /** False: they are not shown here at all. Throws `unauthenticated` where a token is asked for. */
  isFor(request: Request): boolean {
    if (this.#expected === undefined) return this.#isLoopback && !isForwarded(request);
    // What the query holds would be in the logs of who asks.
    const sent = digestOf(tokenOf(request.headers, []));
    if (timingSafeEqual(sent, this.#expected)) return true;
    throw new ServiceError("unauthenticated", "The token is not that of the metrics.");
  }
}

function expectedBy({ metrics }: Settings): Buffer | undefined {
  return metrics.token_file === "" ? undefined : digestOf(readToken(metrics.token_file));
}

/** Throws `StartError`. */
export function readToken(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`The token of the metrics cannot be read: ${reason}.`, { cause });
  }
  if (TOKEN.test(text)) return text;
  throw new StartError(
    `The file ${path} does not hold a token for the metrics: it must be one line of 16 to 255 printable ASCII characters without spaces.`,
  );
}

/** By a proxy, for somebody elsewhere. */
function isForwarded({ headers }: Request): boolean {
  return headers.has("forwarded") || headers.has("x-forwarded-for");
}

/** Of equal length, whatever is compared. */
function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
