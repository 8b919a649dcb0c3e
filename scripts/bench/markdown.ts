/** Writes reports as Markdown. */
import { decimals, type Figures, median, type Ratio, type Report } from "./figures.ts";

export function renderRatios(reports: readonly Report[]): string {
  return table({
    headers: ["ratio", "median", "of all rounds", "target"],
    rows: reports.flatMap(({ ratios }) => ratios.map(rowOf)),
  });
}

export function renderReport({ title, figures, notes }: Report): string {
  const list = notes.map((note) => `- ${note}`).join("\n");
  return `### ${title}\n\n${table(figures)}\n\n${list}`;
}

function rowOf({ what, rounds, target }: Ratio): readonly string[] {
  const range = `${decimals(Math.min(...rounds), 2)} to ${decimals(Math.max(...rounds), 2)}`;
  return [what, `**${decimals(median(rounds), 2)}**`, range, target];
}

function table({ headers, rows }: Figures): string {
  const rule = headers.map((_, column) => (column === 0 ? "---" : "---:"));
  return [headers, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
