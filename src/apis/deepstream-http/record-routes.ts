// Reading records by GET, which deepstream never had: one with its version as ETag, or their names page by page.

import { Elysia } from "elysia";
import type { User } from "../../core/access/user.ts";
import { invalidArgument } from "../../core/errors.ts";
import { callerOf } from "../../http/caller.ts";
import { pageOf } from "../../http/page-query.ts";
import { queryOf, single } from "../../http/query.ts";
import { tokenIn } from "../../http/token.ts";
import { countedJsonResponse, textResponse } from "./answers.ts";
import type { DeepstreamHttpServices } from "./plugin.ts";

export function recordRoutes(services: DeepstreamHttpServices, postPath: string) {
  const { records, cors } = services;
  return new Elysia({ name: "deepstream-http/records" })
    .get(`${postPath}/records`, async ({ request }) => {
      const refusal = cors.refuse(request);
      if (refusal !== undefined) return cors.allow(request, refusal);
      const user = await authenticate(services, request);
      const query = queryOf(request.url);
      const { after, limit } = pageOf(query);
      const prefix = single(query, "prefix") ?? "";
      const { records: page, next = null } = await records.list(user, prefix, after, limit);
      return cors.allow(
        request,
        countedJsonResponse(services, request, JSON.stringify({ records: page, next })),
      );
    })
    .get(`${postPath}/records/:name`, async ({ request, params }) => {
      const refusal = cors.refuse(request);
      if (refusal !== undefined) return cors.allow(request, refusal);
      const user = await authenticate(services, request);
      const name = decodeName(params.name);
      const record = await records.read(user, name);
      if (record === undefined) {
        return cors.allow(request, textResponse(404, `Record "${name}" could not be found.`));
      }
      const etag = `"${record.version}"`;
      const answer = holds(request.headers.get("if-none-match"), etag)
        ? new Response(null, { status: 304 })
        : countedJsonResponse(services, request, record.data);
      answer.headers.set("etag", etag);
      answer.headers.set("cache-control", "no-cache");
      return cors.allow(request, answer);
    });
}

/** Null: what Elysia makes of a path that it cannot decode. */
function decodeName(name: string | null): string {
  if (name !== null) return name;
  throw invalidArgument("The record name in the path is not percent-encoded UTF-8.");
}

async function authenticate(services: DeepstreamHttpServices, request: Request): Promise<User> {
  const { logins, userLimits } = services;
  const token = tokenIn(request.headers, queryOf(request.url));
  const user =
    (token === undefined ? undefined : logins.recall(token)) ??
    (await logins.authenticate(token, callerOf(services, request)));
  userLimits.take(user, 1);
  return user;
}

/** Whether the client has this version already. */
function holds(header: string | null, etag: string): boolean {
  if (header === null) return false;
  if (header.trim() === "*") return true;
  return header.split(",").some((text) => text.trim().replace(/^W\//, "") === etag);
}
