// The rules of deepstreamHub's HTTP API as black-box tests of a server that is given by its address.
//
// The law is the seed, deepstreamHub's HTTP API page; where it is silent, what the open-source server does.

import { describe, test } from "bun:test";
import { badDataRules } from "./deepstream-http/bad-data.ts";
import { batchRules } from "./deepstream-http/batches.ts";
import { bodyRules } from "./deepstream-http/bodies.ts";
import { DeepstreamClient } from "./deepstream-http/client.ts";
import { commandFormRules } from "./deepstream-http/command-forms.ts";
import { envelopeRules } from "./deepstream-http/envelopes.ts";
import { portedScenarioRules } from "./deepstream-http/ported-scenarios.ts";
import { recordListRules } from "./deepstream-http/record-lists.ts";
import { recordReadRules } from "./deepstream-http/record-reads.ts";
import type { Recorded } from "./deepstream-http/recorded.ts";
import { recordedCommands } from "./deepstream-http/recorded-commands.ts";
import { recordedRecords } from "./deepstream-http/recorded-records.ts";
import { recordedRequests } from "./deepstream-http/recorded-requests.ts";
import { replay, TO_ANY_ORIGIN, titleOf } from "./deepstream-http/replay.ts";
import { seedExampleRules } from "./deepstream-http/seed-examples.ts";
import { versionRules } from "./deepstream-http/versions.ts";
import { type OpenWith, openForAll } from "./target.ts";

const RECORDED: readonly [string, readonly Recorded[]][] = [
  ["recorded records", recordedRecords],
  ["other recorded commands", recordedCommands],
  ["recorded requests", recordedRequests],
];

const RULES: readonly ((client: DeepstreamClient) => void)[] = [
  seedExampleRules,
  envelopeRules,
  commandFormRules,
  bodyRules,
  badDataRules,
  batchRules,
  versionRules,
  recordReadRules,
  recordListRules,
  portedScenarioRules,
];

/** Opens one server with default settings for all rules. */
export function deepstreamHttpConformance(name: string, open: OpenWith): void {
  describe(`deepstreamHub's HTTP API, ${name}`, () => {
    const client = new DeepstreamClient(openForAll(open));
    for (const [group, rows] of RECORDED) {
      describe(group, () => {
        test.each(rows.map((row) => [titleOf(row), row] as const))("%s", async (_, row) => {
          await replay(client, row, TO_ANY_ORIGIN);
        });
      });
    }
    for (const rules of RULES) rules(client);
  });
}
