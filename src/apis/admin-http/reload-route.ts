// The reload of what may change while the server runs, asked for by administrators.

import { Elysia } from "elysia";
import type { Principal } from "../../core/access/principal.ts";
import { wrongMethodResponse } from "../../http/errors.ts";

export interface ReloadRouteServices {
  /** Throws `permission_denied` unless it is an administrator who asks. */
  reload(principal: Principal): Promise<Reloaded>;
}

export interface Reloaded {
  readonly reloaded: readonly string[];
  readonly failed: readonly { readonly name: string; readonly reason: string }[];
  readonly restart: readonly string[];
}

const RELOAD = "/reload";

export function reloadRoute(
  { reload }: ReloadRouteServices,
  authenticate: (request: Request) => Promise<Principal>,
) {
  return new Elysia({ name: "admin-http/reload" })
    .post(
      RELOAD,
      async ({ request }) => {
        const { reloaded, failed, restart } = await reload(await authenticate(request));
        const answer = { reloaded, failed, restart };
        return Response.json(answer, { headers: { "cache-control": "no-store" } });
      },
      { parse: "none" },
    )
    .all(RELOAD, ({ request }) => wrongMethodResponse(request.method, ["POST"]));
}
