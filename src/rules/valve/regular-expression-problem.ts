// Why a regular expression is none that rules can have.

/** The message continues "the regular expression cannot be matched: ". */
export class RegularExpressionProblem extends Error {}
