// A span for each request, where there is a collector.

import type { RequestCounts } from "../telemetry/request-counts.ts";
import type { Traces } from "../telemetry/traces.ts";
import type { TakenRoute } from "./counted-fetch.ts";
import type { Fetch } from "./listener.ts";

/** `taken` is as for `countedFetch`, and so is what the application must do with it. */
export function tracedFetch(
  fetch: Fetch,
  taken: TakenRoute,
  counts: RequestCounts,
  traces: Traces,
): Fetch {
  return (request) => {
    const span = traces.begin(request);
    const answer = fetch(request);
    const name = counts.nameOf(taken.path);
    if (!(answer instanceof Promise)) {
      span.end(name, answer.status);
      return answer;
    }
    return answer.then((response) => {
      span.end(name, response.status);
      return response;
    });
  };
}
