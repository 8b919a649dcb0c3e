// Counts what is answered, by the route that the request took.

import type { RequestCounts } from "../telemetry/request-counts.ts";
import type { Fetch } from "./listener.ts";

/** The route of the request that is being handed to the application; empty: none has taken it. */
export interface TakenRoute {
  path: string;
}

/**
 * The application must set `taken.path` within the call of `fetch`, before it first awaits anything: what
 * is read after the call is then the request's own. `publish` is the path whose POST is timed as well,
 * from when its header has come until there is an answer, where that says that it was done.
 */
export function countedFetch(
  fetch: Fetch,
  taken: TakenRoute,
  counts: RequestCounts,
  publish: string,
): Fetch {
  return (request) => {
    taken.path = "";
    const answer = fetch(request);
    const { method } = request;
    const counter = counts.of(taken.path, method);
    if (!(answer instanceof Promise)) return counter.note(answer);
    if (taken.path !== publish || method !== "POST") return answer.then(counter.note);
    const startedAt = performance.now();
    return answer.then((response) => {
      if (response.ok) counts.publishSeconds.observe((performance.now() - startedAt) / 1000);
      return counter.note(response);
    });
  };
}
