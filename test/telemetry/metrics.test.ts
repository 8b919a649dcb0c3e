// What is counted shows, under names that say what it is and labels that are of closed lists.

import { describe, expect, test } from "bun:test";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { RequestCounts } from "../../src/telemetry/request-counts.ts";
import { parseMetrics } from "../support/scrape.ts";

const ABOUT = { version: "1.2.3", commit: "abc", bun: "1.4.5", region: "eu-7" };
/** Whatever is asked for is 7. */
const SEVENS = new Proxy({} as Parameters<Metrics["render"]>[0], { get: () => 7 });

async function rendered(): Promise<string> {
  using metrics = new Metrics(ABOUT);
  return await metrics.render(SEVENS);
}

describe("metrics", () => {
  test("say what runs, and in which region", async () => {
    const text = await rendered();
    expect(text).toContain(
      'millrace_info{version="1.2.3",commit="abc",bun="1.4.5",region="eu-7"} 1',
    );
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(lines.filter((line) => !line.includes('region="eu-7"'))).toEqual([]);
  });

  test("of a rule that denies go by section and action", async () => {
    using metrics = new Metrics(ABOUT);
    metrics.ruleDenied("record", "write");
    metrics.ruleDenied("record", "write");
    metrics.ruleDenied("presence", "allow");
    const scraped = parseMetrics(await metrics.render(SEVENS));
    const denials = [...scraped].filter(([name]) => name.startsWith("millrace_rule_denials"));
    expect(denials).toEqual([
      ['millrace_rule_denials_total{section="record",action="write"}', 2],
      ['millrace_rule_denials_total{section="presence",action="allow"}', 1],
    ]);
  });

  test("of commits and retention add up", async () => {
    using metrics = new Metrics(ABOUT);
    for (const commands of [1, 100]) metrics.committed(commands, 0.5);
    for (const items of [2, 3]) metrics.retained({ items, bytes: 100 * items, seconds: 0.25 });
    const scraped = parseMetrics(await metrics.render(SEVENS));
    expect(scraped.get("millrace_commit_duration_seconds_sum")).toBe(1);
    expect(scraped.get("millrace_commit_group_commands_sum")).toBe(101);
    expect(scraped.get('millrace_commit_group_commands_bucket{le="64"}')).toBe(1);
    expect(scraped.get("millrace_retention_items_total")).toBe(5);
    expect(scraped.get("millrace_retention_bytes_total")).toBe(500);
    expect(scraped.get("millrace_retention_seconds_total")).toBe(0.5);
  });

  test("of the process count from its start, however late somebody looks first", async () => {
    const { user, system } = process.cpuUsage();
    const scraped = parseMetrics(await rendered());
    const seconds = (name: string) => scraped.get(`process_cpu_${name}seconds_total`) ?? 0;
    expect(seconds("user_")).toBeGreaterThanOrEqual(user / 1e6);
    expect(seconds("system_")).toBeGreaterThanOrEqual(system / 1e6);
    expect(seconds("")).toBeCloseTo(seconds("user_") + seconds("system_"));
  });

  test("of the moment are those of the moment, also where they only grow", async () => {
    using metrics = new Metrics(ABOUT);
    await metrics.render(SEVENS);
    const scraped = parseMetrics(await metrics.render(SEVENS));
    expect(scraped.get("millrace_waiters")).toBe(7);
    expect(scraped.get("millrace_token_cache_hits_total")).toBe(7);
  });

  test("are of one kind by their names: what ends with _total only grows", async () => {
    const text = await rendered();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => ({
      name: name ?? "",
      type,
    }));
    expect(types.length).toBeGreaterThan(40);
    const odd = types.filter(({ name, type }) => name.endsWith("_total") !== (type === "counter"));
    expect(odd).toEqual([]);
  });
});

describe("requests", () => {
  const counted = (requests: [path: string, method: string, status: number][]) => {
    const counts = new RequestCounts();
    counts.know("topics", ["/topics/:cacheName/:topicName", "/caches"]);
    counts.know("commands", ["/api/*"]);
    for (const [path, method, status] of requests) {
      counts.of(path, method).note(new Response(null, { status }));
    }
    return [...counts.counts()].map(
      ({ api, route, method, status, count }) => `${api} ${method} ${route} ${status} ${count}`,
    );
  };

  const rows: [string, Parameters<typeof counted>[0], string[]][] = [
    ["none", [], []],
    [
      "two alike",
      [
        ["/topics/:cacheName/:topicName", "POST", 204],
        ["/topics/:cacheName/:topicName", "POST", 204],
      ],
      ["topics POST /topics/{cacheName}/{topicName} 204 2"],
    ],
    [
      "two of other methods and statuses",
      [
        ["/caches", "GET", 200],
        ["/caches", "GET", 401],
        ["/caches", "HEAD", 200],
      ],
      ["topics GET /caches 200 1", "topics GET /caches 401 1", "topics HEAD /caches 200 1"],
    ],
    ["what lies below a path", [["/api/*", "POST", 200]], ["commands POST /api/* 200 1"]],
    [
      "paths that are no route's",
      [
        ["", "GET", 404],
        ["/secret/name", "GET", 404],
      ],
      ["none GET other 404 2"],
    ],
    [
      "methods that there are not",
      [
        ["/caches", "BREW", 404],
        ["/caches", "MKCOL", 404],
      ],
      ["topics other /caches 404 2"],
    ],
  ];
  test.each(rows)("%s", (_, requests, expected) => {
    expect(counted(requests)).toEqual(expected);
  });
});
