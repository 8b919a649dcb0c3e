// Histograms: what is observed is found in the buckets that Prometheus expects it in.

import { expect, test } from "bun:test";
import { Buckets } from "../../src/telemetry/buckets.ts";

const RENDERED = (below: number[], sum: number) =>
  `# HELP h What it says.
# TYPE h histogram
h_bucket{le="1",region="r"} ${below[0]}
h_bucket{le="2.5",region="r"} ${below[1]}
h_bucket{le="+Inf",region="r"} ${below[2]}
h_sum{region="r"} ${sum}
h_count{region="r"} ${below[2]}`;

const rows: [string, number[], number[], number][] = [
  ["nothing", [], [0, 0, 0], 0],
  ["one below all bounds", [0], [1, 1, 1], 0],
  ["one that equals a bound", [1], [1, 1, 1], 1],
  ["one just above a bound", [1.5], [0, 1, 1], 1.5],
  ["one above all bounds", [1000], [0, 0, 1], 1000],
  ["several", [0.5, 2.5, 2.5, 3], [1, 3, 4], 8.5],
];

test.each(rows)("%s", (_, observed, below, sum) => {
  const buckets = new Buckets([1, 2.5]);
  for (const value of observed) buckets.observe(value);
  expect(buckets.render("h", "What it says.", 'region="r"')).toBe(RENDERED(below, sum));
});
