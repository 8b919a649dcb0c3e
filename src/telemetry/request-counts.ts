// Requests by API, route, method and status, and how long publishes take, at the cost of a few additions.

import { Buckets, SECONDS } from "./buckets.ts";

/** A route as it is written, with the names of its parts and never their values. */
export interface RouteName {
  readonly api: string;
  readonly route: string;
}

export interface RequestCount extends RouteName {
  readonly method: string;
  readonly status: number;
  readonly count: number;
}

const METHODS: ReadonlySet<string> = new Set([
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
]);
const NO_ROUTE: RouteName = { api: "none", route: "other" };
const STATUS_MIN = 100;
const STATUS_MAX = 599;

/** Answers of one route to one method. */
export class RequestCounter {
  readonly #counts = new Float64Array(STATUS_MAX - STATUS_MIN + 1);

  /** Counts the answer and hands it on; a function of its own, so that no request needs one made. */
  readonly note = (answer: Response): Response => {
    const place = answer.status - STATUS_MIN;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    return answer;
  };

  *counts(): Iterable<{ readonly status: number; readonly count: number }> {
    for (const [place, count] of this.#counts.entries()) {
      if (count > 0) yield { status: place + STATUS_MIN, count };
    }
  }
}

export class RequestCounts {
  readonly publishSeconds = new Buckets(SECONDS);
  readonly #names = new Map<string, RouteName>();
  readonly #counters = new Map<string, Map<string, RequestCounter>>();

  /** Tells of the routes of an API, by the paths under which they will be looked up. */
  know(api: string, paths: Iterable<string>): void {
    for (const path of paths) this.#names.set(path, { api, route: templateOf(path) });
  }

  /** For a path that is no route's, and a method that HTTP does not have, those of all others. */
  of(path: string, method: string): RequestCounter {
    return this.#counters.get(path)?.get(method) ?? this.#open(path, method);
  }

  nameOf(path: string): RouteName {
    return this.#names.get(path) ?? NO_ROUTE;
  }

  *counts(): Iterable<RequestCount> {
    for (const [path, methods] of this.#counters) {
      const name = this.nameOf(path);
      for (const [method, counter] of methods) {
        for (const { status, count } of counter.counts()) yield { ...name, method, status, count };
      }
    }
  }

  #open(path: string, method: string): RequestCounter {
    const known = this.#names.has(path) ? path : "";
    const methods = this.#counters.get(known) ?? new Map<string, RequestCounter>();
    this.#counters.set(known, methods);
    const verb = METHODS.has(method) ? method : "other";
    const counter = methods.get(verb) ?? new RequestCounter();
    methods.set(verb, counter);
    return counter;
  }
}

/** `/caches/:cacheName` as it is written elsewhere: `/caches/{cacheName}`. */
function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)/g, "{$1}");
}
