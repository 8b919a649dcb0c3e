// The administration over HTTP: the users who log in with an email address, the connections of all
// users, what records hold, imports, the limits in force, and the reload of files.

import { Elysia } from "elysia";
import type { Tokens } from "../../core/access/tokens.ts";
import type { NewUser, UserSummary, Users } from "../../core/access/users.ts";
import type { Json } from "../../core/json.ts";
import type { BodyServices } from "../../http/body.ts";
import { failureResponse, wrongMethodResponse } from "../../http/errors.ts";
import { heldOpen } from "../../http/held-open.ts";
import { readJson } from "../../http/json-body.ts";
import { pageOf } from "../../http/page-query.ts";
import { queryOf } from "../../http/query.ts";
import { tokenOf } from "../../http/token.ts";
import { type ConnectionRoutesServices, connectionRoutes } from "./connection-routes.ts";
import { type ImportRouteServices, importRoutes } from "./import-routes.ts";
import { type LimitRoutesServices, limitRoutes } from "./limit-routes.ts";
import { type RecordRouteServices, recordRoutes } from "./record-routes.ts";
import { type ReloadRouteServices, reloadRoute } from "./reload-route.ts";
import { NewUserRequest, PasswordRequest } from "./schema.ts";

export interface AdminHttpServices
  extends BodyServices,
    ConnectionRoutesServices,
    ImportRouteServices,
    LimitRoutesServices,
    RecordRouteServices,
    ReloadRouteServices {
  readonly users: Users;
  readonly tokens: Tokens;
  /** Told of every failure that is a bug. */
  readonly onBug: (cause: unknown) => void;
}

const USERS = "/users";
const USER = "/users/:email";
const PASSWORD = "/users/:email/password";

/** No page of another origin may call these: there are no CORS headers. */
export function adminHttp(services: AdminHttpServices) {
  const { users, tokens, onBug } = services;
  const authenticate = (request: Request) =>
    tokens.authenticate(tokenOf(request.headers, queryOf(request.url)));
  return new Elysia({ name: "admin-http" })
    .onError(({ error, code }) => {
      // The root answers for paths that no API owns.
      if (code === "NOT_FOUND") return undefined;
      return failureResponse(error, onBug);
    })
    .use(connectionRoutes(services, authenticate))
    .use(limitRoutes(services, authenticate))
    .get(USERS, async ({ request }) => {
      const { after, limit } = pageOf(queryOf(request.url));
      const page = await users.list(await authenticate(request), after, limit);
      return uncached(Response.json({ users: page.map(encodeUser) }));
    })
    .post(
      USERS,
      async ({ request }) => {
        await authenticate(request);
        const user = decodeUser(await readJson(services, request, NewUserRequest));
        // The token may have ended while the body came in.
        const adding = users.add(await authenticate(request), user);
        const id = await heldOpen(services, request, adding);
        return uncached(Response.json({ id }, { status: 201 }));
      },
      { parse: "none" },
    )
    .delete(USER, async ({ request, params }) => {
      const removing = users.remove(await authenticate(request), params.email);
      await heldOpen(services, request, removing);
      return new Response(null, { status: 204 });
    })
    .put(
      PASSWORD,
      async ({ request, params }) => {
        await authenticate(request);
        const { password } = await readJson(services, request, PasswordRequest);
        const principal = await authenticate(request);
        await heldOpen(services, request, users.setPassword(principal, params.email, password));
        return new Response(null, { status: 204 });
      },
      { parse: "none" },
    )
    .use(recordRoutes(services, authenticate))
    .use(reloadRoute(services, authenticate))
    .use(importRoutes(services, authenticate))
    .all(USERS, ({ request }) => wrongMethodResponse(request.method, ["GET", "HEAD", "POST"]))
    .all(USER, ({ request }) => wrongMethodResponse(request.method, ["DELETE"]))
    .all(PASSWORD, ({ request }) => wrongMethodResponse(request.method, ["PUT"]));
}

function decodeUser(request: NewUserRequest): NewUser {
  return {
    email: request.email,
    password: request.password,
    clientData: request.client_data as Json | undefined,
    serverData: request.server_data as Json | undefined,
  };
}

function encodeUser({ email, id, clientData, serverData, createdAt }: UserSummary) {
  // What is undefined is left out of the JSON.
  return { email, id, client_data: clientData, server_data: serverData, created_at: createdAt };
}

function uncached(response: Response): Response {
  response.headers.set("cache-control", "no-store");
  return response;
}
