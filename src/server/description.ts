// What the whole server tells of itself, for tools and for people.

import { adminHttpDescription } from "../apis/admin-http/description.ts";
import { deepstreamHttpDescription } from "../apis/deepstream-http/description.ts";
import { deepstreamWsDescription } from "../apis/deepstream-ws/description.ts";
import { momentoHttpDescription } from "../apis/momento-http/description.ts";
import { opsDescription } from "../apis/ops/description.ts";
import type { Settings } from "../config/schema.ts";
import { describeApis, type OpenApi } from "../http/openapi.ts";
import { version } from "../version.ts";
import { deepstreamOptions } from "./options.ts";

const SUMMARY = "Durable topics, records, events, RPC and presence over HTTP.";

const DESCRIPTION = `Two APIs beside each other: durable **topics**, as Momento's, and **records** with events, RPC and presence, as deepstreamHub's. The administration of both, and what operators ask, follow.

In the examples \`URL\` is the address of the server, \`TOKEN\` a token for all topics of the cache \`my-cache\`, and \`ADMIN\` an admin token. They work in the order in which they stand here, on a server whose users log in by \`email\` or \`open\` and may sign up, and that has the cache \`my-cache\` only:

- \`millrace cache create my-cache\`
- \`TOKEN=$(millrace token create --cache my-cache --topic '*' --role both)\`
- \`ADMIN=$(millrace token create --admin)\`

A status of 4xx or 5xx comes with the reason in words. A path that is none of these is 404 with the text \`Endpoint not found.\`; another method of one of them is 404 with the code \`endpoint_not_found\`, or of deepstreamHub's API 400 or 405. HEAD is answered as GET is, without the body and without waiting; of deepstreamHub's API only where it reads records.`;

/**
 * `address` is where the server is reached, unless `http.public_endpoint` says. Takes some milliseconds:
 * it is made when somebody asks.
 */
export function describeServer(settings: Settings, address: string): OpenApi {
  const { http, topics, auth } = settings;
  const serverUrl = http.public_endpoint === "" ? address : withScheme(http.public_endpoint);
  return describeApis({ version, summary: SUMMARY, description: DESCRIPTION, serverUrl }, [
    momentoHttpDescription({
      messageBytesMax: topics.message_bytes_max,
      waitSecondsMax: topics.wait_seconds_max,
      pageItemsMax: topics.page_items_max,
      idempotencySeconds: topics.idempotency_window_seconds,
      tokenSecondsMax: auth.token_seconds_max,
    }),
    deepstreamHttpDescription(deepstreamOptions(settings)),
    deepstreamWsDescription(),
    adminHttpDescription(),
    opsDescription(),
  ]);
}

/** A bare name is one that is spoken to by TLS, as Momento's clients take it. */
function withScheme(endpoint: string): string {
  return endpoint.includes("://") ? endpoint : `https://${endpoint}`;
}
