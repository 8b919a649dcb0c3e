// The connections of users: ended by administrators.

import { Elysia } from "elysia";
import type { Connections } from "../../core/access/connections.ts";
import type { Tokens } from "../../core/access/tokens.ts";
import { invalidArgument } from "../../core/errors.ts";
import { wrongMethodResponse } from "../../http/errors.ts";
import { queryOf, single } from "../../http/query.ts";
import { tokenOf } from "../../http/token.ts";

export interface ConnectionRoutesServices {
  readonly connections: Connections;
  readonly tokens: Tokens;
}

const CONNECTIONS = "/connections";

/** The user is in the query: an id may be what a path cannot hold, such as two dots. */
export function connectionRoutes({ connections, tokens }: ConnectionRoutesServices) {
  return new Elysia({ name: "admin-http/connections" })
    .delete(CONNECTIONS, async ({ request }) => {
      const query = queryOf(request.url);
      const principal = await tokens.authenticate(tokenOf(request.headers, query));
      const user = single(query, "user");
      if (user === undefined) throw invalidArgument("The query parameter user is missing.");
      return Response.json({ disconnected: connections.disconnect(principal, user) });
    })
    .all(CONNECTIONS, ({ request }) => wrongMethodResponse(request.method, ["DELETE"]));
}
