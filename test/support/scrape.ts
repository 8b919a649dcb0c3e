// Reads /metrics as Prometheus does: every line must be one that it understands.

const SERIES = /^([a-z_]+)(?:\{((?:[a-z]+="[^"\\\n]*",?)*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

/** Values by name and labels, as in `millrace_users` or `x_total{api="ops",status="200"}`; without the region. */
export type Scraped = ReadonlyMap<string, number>;

export async function scrape(url: string, headers: Record<string, string> = {}): Promise<Scraped> {
  const answer = await fetch(`${url.replace(/\/$/, "")}/metrics`, { headers });
  if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`);
  return parseMetrics(await answer.text());
}

export function parseMetrics(text: string): Scraped {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("# "));
  return new Map(
    lines.map((line) => {
      const [, name = "", labels = "", value] = SERIES.exec(line) ?? [];
      if (value === undefined) throw new Error(`no series: ${line}`);
      const others = labels.split(",").filter((label) => !/^(region=.*)?$/.test(label));
      const key = others.length === 0 ? name : `${name}{${others.join(",")}}`;
      return [key, Number(value)] as const;
    }),
  );
}
