// The limits in force: what the settings say of how much of everything there may be.

import { Elysia } from "elysia";
import { type Principal, requireAdmin } from "../../core/access/principal.ts";
import { wrongMethodResponse } from "../../http/errors.ts";

/** Named as in the configuration, section by section. */
export interface Limits {
  readonly [name: string]: number | Limits;
}

export interface LimitRoutesServices {
  readonly limits: Limits;
}

const LIMITS = "/limits";

export function limitRoutes(
  { limits }: LimitRoutesServices,
  authenticate: (request: Request) => Promise<Principal>,
) {
  return new Elysia({ name: "admin-http/limits" })
    .get(LIMITS, async ({ request }) => {
      requireAdmin(await authenticate(request));
      return Response.json(limits);
    })
    .all(LIMITS, ({ request }) => wrongMethodResponse(request.method, ["GET", "HEAD"]));
}
