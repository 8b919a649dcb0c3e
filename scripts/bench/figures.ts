/** What a scenario reports, and the arithmetic that gets it from rounds. */

export interface Ratio {
  readonly what: string;
  /** One for each round. */
  readonly rounds: readonly number[];
  readonly target: string;
}

/** A Markdown table of what was measured. */
export interface Figures {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Report {
  readonly title: string;
  readonly ratios: readonly Ratio[];
  readonly figures: Figures;
  readonly notes: readonly string[];
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = sorted.slice(Math.ceil(middle) - 1, middle + 1);
  return sorted.length % 2 === 1 ? low : (low + high) / 2;
}

/** Of measurements made side by side: `over[0] / under[0]`, `over[1] / under[1]`, … */
export function quotients(over: readonly number[], under: readonly number[]): readonly number[] {
  return over.map((value, round) => value / (under[round] ?? Number.NaN));
}

export function decimals(value: number, digits: number): string {
  if (!Number.isFinite(value)) return "n/a";
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
