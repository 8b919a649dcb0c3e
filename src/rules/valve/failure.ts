// How evaluating a rule ends early.

/** The rule cannot be answered, which denies. The message says why, to the administrator. */
export class RuleFailure extends Error {}

/** A record that was not loaded is needed to go on. */
export class RecordNeeded extends Error {
  readonly record: string;

  constructor(record: string) {
    super("a record is needed");
    this.record = record;
  }
}
