// The rules that the settings name: read from their file, and read again while the server runs.

import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { Settings } from "../config/schema.ts";
import type { Permissions } from "../core/access/permissions.ts";
import type { Rules } from "../core/access/rules.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../telemetry/log.ts";
import type { Reloadable } from "./reloads.ts";
import { RulesError } from "./rules-error.ts";

export interface ReadRules {
  /** Undefined: the settings name no file, and everything is permitted. */
  readonly rules: Rules | undefined;
  /** What may not be meant as it is written; one line each, with its place. */
  readonly warnings: readonly string[];
}

/** Beyond what the language takes, which says so by itself. */
const FILE_BYTES_MAX = 4_194_304;
const WARNINGS_LOGGED = 20;

/** Rejects with `RulesError`. */
export async function readRules({ deepstream }: Settings, clock: Clock): Promise<ReadRules> {
  const { permissions: path, rule_iterations_max: iterationsMax } = deepstream;
  if (path === "") return { rules: undefined, warnings: [] };
  // Loading the language takes longer than all the rest of a start.
  const { parseRules, renderRemark } = await import("../rules/valve/parse-rules.ts");
  const parsed = parseRules(readFile(path), { clock, iterationsMax });
  const file = basename(path);
  if (parsed.kind === "refused") {
    throw new RulesError(parsed.problems.map((problem) => `${file}: ${renderRemark(problem)}.`));
  }
  const warnings = parsed.warnings.map((warning) => `${file}: ${renderRemark(warning)}.`);
  return { rules: parsed.rules, warnings };
}

export function logWarnings(warnings: readonly string[], log: Log): void {
  for (const warning of warnings.slice(0, WARNINGS_LOGGED)) {
    log.warn("A permission rule may not be meant so", { warning });
  }
  const unsaid = warnings.length - WARNINGS_LOGGED;
  if (unsaid > 0) log.warn("More such rules are named by millrace check-config", { unsaid });
}

export function logNoRules(log: Log): void {
  log.info("There are no permission rules: whoever is logged in may do everything");
}

export function reloadableRules(permissions: Permissions, clock: Clock, log: Log): Reloadable {
  return {
    name: "permission rules",
    keys: ["[deepstream] permissions", "[deepstream] rule_iterations_max"],
    async reload(settings) {
      const read = await readRules(settings, clock);
      logWarnings(read.warnings, log);
      if (read.rules === undefined && !permissions.permitsAll) logNoRules(log);
      permissions.use(read.rules);
    },
  };
}

function readFile(path: string): Uint8Array {
  const { size } = attempt(path, () => statSync(path));
  if (size > FILE_BYTES_MAX) {
    throw new RulesError([
      `The file of permission rules ${path} is too large: ${FILE_BYTES_MAX} bytes are allowed.`,
    ]);
  }
  return attempt(path, () => readFileSync(path));
}

function attempt<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RulesError([`The file of permission rules ${path} cannot be read: ${reason}.`], {
      cause,
    });
  }
}
