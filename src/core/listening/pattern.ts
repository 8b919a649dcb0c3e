// What the core asks of patterns, which come from programs and say which names they mean.

export interface Pattern {
  /** Whether it is found in the name. Takes no longer than `cost` says, whatever the two are. */
  matches(name: string): boolean;
  /** Steps for each character of a name, at most. */
  readonly cost: number;
}

/** Throws `invalid_argument` when the text is no pattern, or one that costs too much. */
export type CompilePattern = (text: string) => Pattern;
