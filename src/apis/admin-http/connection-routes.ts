// The connections of users: ended by administrators.

import { Elysia } from "elysia";
import type { Connections } from "../../core/access/connections.ts";
import type { Principal } from "../../core/access/principal.ts";
import { invalidArgument } from "../../core/errors.ts";
import { wrongMethodResponse } from "../../http/errors.ts";
import { queryOf, single } from "../../http/query.ts";

export interface ConnectionRoutesServices {
  readonly connections: Connections;
}

const CONNECTIONS = "/connections";

/** The user is in the query: an id may be what a path cannot hold, such as two dots. */
export function connectionRoutes(
  { connections }: ConnectionRoutesServices,
  authenticate: (request: Request) => Promise<Principal>,
) {
  return new Elysia({ name: "admin-http/connections" })
    .delete(CONNECTIONS, async ({ request }) => {
      const principal = await authenticate(request);
      const user = single(queryOf(request.url), "user");
      if (user === undefined) throw invalidArgument("The query parameter user is missing.");
      return Response.json({ disconnected: connections.disconnect(principal, user) });
    })
    .all(CONNECTIONS, ({ request }) => wrongMethodResponse(request.method, ["DELETE"]));
}
