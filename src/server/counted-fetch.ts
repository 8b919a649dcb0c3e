// Counts what is answered, by the route that the request took.

import type { RequestCounter, RequestCounts } from "../telemetry/request-counts.ts";
import type { Fetch } from "./listener.ts";

/** The route of the request that is being handed to the application; empty: none has taken it. */
export interface TakenRoute {
  path: string;
}

/**
 * The application must set `taken.path` within the call of `fetch`, before it first awaits anything: what
 * is read after the call is then the request's own. `publish` is the path whose POST is timed as well.
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
    if (taken.path === publish && method === "POST") return timed(answer, counter, counts);
    return answer instanceof Promise ? answer.then(counter.note) : counter.note(answer);
  };
}

/** From when the header has come until there is an answer, for those that did what was asked. */
async function timed(
  answer: ReturnType<Fetch>,
  counter: RequestCounter,
  { publishSeconds }: RequestCounts,
): Promise<Response> {
  const startedAt = performance.now();
  const response = counter.note(await answer);
  if (response.ok) publishSeconds.observe((performance.now() - startedAt) / 1000);
  return response;
}
