// The rules of the topics API as black-box tests of a server that is given by its address.
//
// The law is the seed, Momento's HTTP API page; where it is silent, what README.md promises.

import { describe } from "bun:test";
import { badBodyRules } from "./momento-http/bad-bodies.ts";
import { badNameRules } from "./momento-http/bad-names.ts";
import { badQueryRules } from "./momento-http/bad-queries.ts";
import { badTokenRules } from "./momento-http/bad-tokens.ts";
import { cacheLimitRules } from "./momento-http/cache-limits.ts";
import { cacheSettingRules } from "./momento-http/cache-settings.ts";
import { cacheRules } from "./momento-http/caches.ts";
import { Client } from "./momento-http/client.ts";
import { corsRules } from "./momento-http/cors.ts";
import { discontinuityRules } from "./momento-http/discontinuities.ts";
import { errorRules } from "./momento-http/errors.ts";
import { healthRules } from "./momento-http/health.ts";
import { idempotencyRules } from "./momento-http/idempotency.ts";
import { issuingRules } from "./momento-http/issuing.ts";
import { longPollRules } from "./momento-http/long-polls.ts";
import { messageKindRules } from "./momento-http/message-kinds.ts";
import { mintingRules } from "./momento-http/minting.ts";
import { noHttpRules } from "./momento-http/no-http.ts";
import { pageRules } from "./momento-http/pages.ts";
import { permissionRules } from "./momento-http/permissions.ts";
import { publishRules } from "./momento-http/publish.ts";
import { raceRules } from "./momento-http/races.ts";
import { rawRequestRules } from "./momento-http/raw-requests.ts";
import { retentionRules } from "./momento-http/retention.ts";
import { revocationRules } from "./momento-http/revocation.ts";
import { currentSubscribeRules } from "./momento-http/subscribe-current.ts";
import { seedSubscribeRules } from "./momento-http/subscribe-seed.ts";
import { tokenFormRules } from "./momento-http/token-forms.ts";
import { topicListRules } from "./momento-http/topic-lists.ts";
import { type OpenWith, openForAll } from "./target.ts";

const RULES: readonly ((client: Client) => void)[] = [
  publishRules,
  messageKindRules,
  idempotencyRules,
  seedSubscribeRules,
  currentSubscribeRules,
  discontinuityRules,
  longPollRules,
  raceRules,
  pageRules,
  cacheRules,
  cacheSettingRules,
  cacheLimitRules,
  topicListRules,
  retentionRules,
  tokenFormRules,
  badTokenRules,
  permissionRules,
  mintingRules,
  issuingRules,
  revocationRules,
  errorRules,
  badQueryRules,
  badNameRules,
  badBodyRules,
  rawRequestRules,
  noHttpRules,
  corsRules,
  healthRules,
];

/** Opens one server with default settings for all rules; every test uses caches of its own. */
export function momentoHttpConformance(name: string, open: OpenWith): void {
  describe(`Momento's HTTP API, ${name}`, () => {
    const client = new Client(openForAll(open));
    for (const rules of RULES) rules(client);
  });
}
