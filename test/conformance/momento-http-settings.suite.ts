// The rules of the topics API that need a server with settings of its own, or one that is started again.

import { describe } from "bun:test";
import { bodySettingRules } from "./momento-http-settings/bodies.ts";
import { endedTokenRules } from "./momento-http-settings/ended-tokens.ts";
import { foreignIssuerRules } from "./momento-http-settings/foreign-issuers.ts";
import { keyRotationRules } from "./momento-http-settings/key-rotation.ts";
import { limitSettingRules } from "./momento-http-settings/limits.ts";
import { metricsRules } from "./momento-http-settings/metrics.ts";
import { originRules } from "./momento-http-settings/origins.ts";
import { pageSettingRules } from "./momento-http-settings/pages.ts";
import { regionRules } from "./momento-http-settings/regions.ts";
import { restartRules } from "./momento-http-settings/restarts.ts";
import { waitSettingRules } from "./momento-http-settings/waits.ts";
import type { OpenWith } from "./target.ts";

const RULES: readonly ((open: OpenWith) => void)[] = [
  waitSettingRules,
  pageSettingRules,
  limitSettingRules,
  bodySettingRules,
  originRules,
  regionRules,
  foreignIssuerRules,
  keyRotationRules,
  endedTokenRules,
  restartRules,
  metricsRules,
];

/** Opens a server for each test, several at once: most of their time they wait. */
export function momentoHttpSettingsConformance(name: string, open: OpenWith): void {
  describe.concurrent(`settings of Momento's HTTP API, ${name}`, () => {
    for (const rules of RULES) rules(open);
  });
}
