// What another store has exported, taken in a batch of lines at a time.

import { Elysia } from "elysia";
import type { Principal } from "../../core/access/principal.ts";
import type { Imports } from "../../core/imports/imports.ts";
import type { BodyServices } from "../../http/body.ts";
import { wrongMethodResponse } from "../../http/errors.ts";
import { decodeLine } from "../../http/export-lines.ts";
import { heldOpen } from "../../http/held-open.ts";
import { readJson } from "../../http/json-body.ts";
import { ImportRequest } from "./schema.ts";

export interface ImportRouteServices extends BodyServices {
  readonly imports: Imports;
  readonly recordDepthMax: number;
}

const IMPORT = "/imports/:id";
/** The largest message or record there can be, written so that it takes twice as much. */
const BODY_BYTES_MAX = 134_217_728;

/** The id is made up by whoever imports, one for each import. */
export function importRoutes(
  services: ImportRouteServices,
  authenticate: (request: Request) => Promise<Principal>,
) {
  const { imports, recordDepthMax } = services;
  return new Elysia({ name: "admin-http/imports" })
    .post(
      IMPORT,
      async ({ request, params }) => {
        await authenticate(request);
        const { lines } = await readJson(services, request, ImportRequest, BODY_BYTES_MAX);
        const decoded = lines.map((line) => decodeLine(line, recordDepthMax));
        // The token may have ended while the body came in.
        const taking = imports.take(await authenticate(request), params.id, decoded);
        const outcomes = await heldOpen(services, request, taking);
        return Response.json({ outcomes }, { headers: { "cache-control": "no-store" } });
      },
      { parse: "none" },
    )
    .delete(IMPORT, async ({ request, params }) => {
      const ending = imports.end(await authenticate(request), params.id);
      await heldOpen(services, request, ending);
      return new Response(null, { status: 204 });
    })
    .all(IMPORT, ({ request }) => wrongMethodResponse(request.method, ["POST", "DELETE"]));
}
