// Apart from what reads them, so that who only tells of the errors need not load the rule language.

/** All that is wrong with the file of rules, one line each. */
export class RulesError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join(" "), options);
    this.problems = problems;
  }
}
