// What records hold, for administrators: read, replaced and taken away without a word, and told on demand.

import { Elysia } from "elysia";
import type { Principal } from "../../core/access/principal.ts";
import { invalidArgument } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { StoredRecords } from "../../core/records/stored-records.ts";
import type { BodyServices } from "../../http/body.ts";
import { wrongMethodResponse } from "../../http/errors.ts";
import { heldOpen } from "../../http/held-open.ts";
import { readJson } from "../../http/json-body.ts";
import { queryOf, single } from "../../http/query.ts";
import { RecordRequest } from "./schema.ts";

export interface RecordRouteServices extends BodyServices {
  readonly storedRecords: StoredRecords;
}

/** The name is in the query: in a path, one of two dots would be lost. */
const RECORD = "/records";
const NOTIFY = "/records/notify";
/** The largest record there can be, written so that it takes twice as much. */
const BODY_BYTES_MAX = 134_217_728;

export function recordRoutes(
  services: RecordRouteServices,
  authenticate: (request: Request) => Promise<Principal>,
) {
  const { storedRecords } = services;
  return new Elysia({ name: "admin-http/records" })
    .get(RECORD, async ({ request }) => {
      const principal = await authenticate(request);
      const { version, data } = await storedRecords.read(principal, nameOf(request));
      return json(`{"version":${version},"data":${data}}`);
    })
    .put(
      RECORD,
      async ({ request }) => {
        await authenticate(request);
        const asked = await readJson(services, request, RecordRequest, BODY_BYTES_MAX);
        // The token may have ended while the body came in.
        const principal = await authenticate(request);
        const { data, version } = asked as { data: Json; version?: number };
        const name = nameOf(request);
        const replacing = storedRecords.replace(principal, name, data, version);
        const made = await heldOpen(services, request, replacing);
        return json(`{"version":${made}}`);
      },
      { parse: "none" },
    )
    .delete(RECORD, async ({ request }) => {
      const removing = storedRecords.remove(await authenticate(request), nameOf(request));
      await heldOpen(services, request, removing);
      return new Response(null, { status: 204 });
    })
    .post(
      NOTIFY,
      async ({ request }) => {
        storedRecords.notify(await authenticate(request), nameOf(request));
        return new Response(null, { status: 204 });
      },
      { parse: "none" },
    )
    .all(RECORD, ({ request }) =>
      wrongMethodResponse(request.method, ["GET", "HEAD", "PUT", "DELETE"]),
    )
    .all(NOTIFY, ({ request }) => wrongMethodResponse(request.method, ["POST"]));
}

function nameOf({ url }: Request): string {
  const name = single(queryOf(url), "name");
  if (name !== undefined) return name;
  throw invalidArgument("The query must have the name of the record: name=….");
}

function json(text: string): Response {
  return new Response(text, {
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}
