// The rules of deepstreamHub's HTTP API that need a server with settings of its own.

import { describe } from "bun:test";
import { emailLoginRules } from "./deepstream-http-settings/email-logins.ts";
import { limitRules } from "./deepstream-http-settings/limits.ts";
import { originRules } from "./deepstream-http-settings/origins.ts";
import { pathRules } from "./deepstream-http-settings/paths.ts";
import { proxyRules } from "./deepstream-http-settings/proxies.ts";
import { recordedRules } from "./deepstream-http-settings/recorded-rules.ts";
import type { OpenWith } from "./target.ts";

const RULES: readonly ((open: OpenWith) => void)[] = [
  recordedRules,
  emailLoginRules,
  originRules,
  pathRules,
  limitRules,
  proxyRules,
];

/** Opens a server for each test, several at once: most of their time they wait. */
export function deepstreamHttpSettingsConformance(name: string, open: OpenWith): void {
  describe.concurrent(`settings of deepstreamHub's HTTP API, ${name}`, () => {
    for (const rules of RULES) rules(open);
  });
}
