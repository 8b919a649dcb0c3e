// What a request is answered with while the server stops, in the way of the API whose path it has.

import type { Cors as DeepstreamCors } from "../apis/deepstream-http/cors.ts";
import { errorResponse as deepstreamErrorResponse } from "../apis/deepstream-http/errors.ts";
import type { Cors } from "../apis/momento-http/cors.ts";
import type { Settings } from "../config/schema.ts";
import { ServiceError } from "../core/errors.ts";
import { errorResponse } from "../http/errors.ts";

export interface StoppingCors {
  readonly momento: Cors;
  readonly deepstream: DeepstreamCors;
}

export function stoppingResponse(
  request: Request,
  settings: Settings["deepstream"],
  cors: StoppingCors,
): Response {
  const error = new ServiceError("stopping", "The server is stopping; try again in a moment.");
  const response = isDeepstreamPath(new URL(request.url).pathname, settings)
    ? cors.deepstream.allow(request, deepstreamErrorResponse(error))
    : cors.momento.allow(request, errorResponse(error));
  response.headers.set("connection", "close");
  return response;
}

function isDeepstreamPath(
  path: string,
  { post_path: postPath, auth_path: authPath }: Settings["deepstream"],
): boolean {
  const roots = [postPath, authPath, "/health-check", "/deepstream", "/deepstream-json"];
  return roots.some((root) => path === root || path.startsWith(`${root}/`));
}
