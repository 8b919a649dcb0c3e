// The error that a caller is told of, out of what was expected to fail.

import { ServiceError } from "../../src/core/errors.ts";

/** The `ServiceError` that the work ends with, whether it throws it or rejects; fails when it does not. */
export async function refusal(work: () => unknown): Promise<ServiceError> {
  let outcome: unknown;
  try {
    outcome = await work();
  } catch (cause) {
    if (cause instanceof ServiceError) return cause;
    throw cause;
  }
  throw new Error(`nothing was refused; the outcome was ${JSON.stringify(outcome)}`);
}
