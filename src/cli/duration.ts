// How long a token lives, as it is typed: 90s, 15m, 24h, 30d, or never.

import { shown, UsageError } from "./failures.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DAYS_MAX = 36_500;

/** Milliseconds; undefined for `never`. Throws `UsageError`. */
export function parseExpiry(text: string): number | undefined {
  if (text === "never") return undefined;
  const [, digits = "", unit = ""] = /^([0-9]{1,12})([smhd])$/.exec(text) ?? [];
  const durationMs = Number(digits) * (UNIT_MS[unit] ?? 0);
  if (durationMs > 0 && durationMs <= DAYS_MAX * 86_400_000) return durationMs;
  throw new UsageError(
    `--expires is ${shown(text)}; it must be never or a whole number with a unit (s, m, h or d) such as 15m, from 1s to ${DAYS_MAX}d.`,
  );
}
