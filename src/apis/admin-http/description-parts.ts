// What the descriptions of the administration's operations share.

import type { TSchema } from "@sinclair/typebox";
import type { ErrorCode } from "../../core/errors.ts";
import { type Answer, type Answers, JSON_TYPE } from "../../http/description.ts";
import { jsonFailures } from "../../http/failures.ts";

export const TAG = "Administration";
export const WRITE_FAILURES: readonly ErrorCode[] = ["storage_full", "outcome_unknown"];

export function answer(description: string, schema: TSchema): Answer {
  return { description, content: { [JSON_TYPE]: schema } };
}

/** Beside those of every operation here. */
export function refusals(...codes: readonly ErrorCode[]): Answers {
  return jsonFailures(
    "invalid_argument",
    "unauthenticated",
    "permission_denied",
    ...codes,
    "identity_provider_unavailable",
    "stopping",
  );
}
