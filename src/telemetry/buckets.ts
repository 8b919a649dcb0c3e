// A histogram that costs an addition for each observation, where prom-client's hashes labels.

/** Seconds, from a commit on a fast disk to a request that somebody gave up. */
export const SECONDS: readonly number[] = [
  ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1],
  ...[0.25, 0.5, 1, 2.5, 5, 10, 30],
];

/** Counts of things, up to a thousand or so. */
export const POWERS_OF_TWO: readonly number[] = Array.from(
  { length: 11 },
  (_, power) => 2 ** power,
);

export class Buckets {
  readonly #bounds: readonly number[];
  /** One more than there are bounds: the last is for what is above all of them. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** `bounds` ascend; a value that equals one counts below it. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let place = 0;
    while (place < this.#bounds.length && value > (this.#bounds[place] ?? 0)) place += 1;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#sum += value;
  }

  /** In Prometheus' text format. `labels` as they stand in it, such as `region="eu-1"`. */
  render(name: string, help: string, labels: string): string {
    let count = 0;
    const buckets = Array.from(this.#counts, (own, place) => {
      count += own;
      return `${name}_bucket{le="${this.#bounds[place] ?? "+Inf"}",${labels}} ${count}`;
    });
    return [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} histogram`,
      ...buckets,
      `${name}_sum{${labels}} ${this.#sum}`,
      `${name}_count{${labels}} ${count}`,
    ].join("\n");
  }
}
