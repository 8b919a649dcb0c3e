// Limits on one request, on its answer, and on what one user may ask in a second.

import { describe, expect, test } from "bun:test";
import { batchOf, type DeepstreamClient, expectPlain } from "../deepstream-http/client.ts";
import { DONE, emit, found, head, patch, read, write } from "../deepstream-http/commands.ts";
import type { OpenWith } from "../target.ts";
import { withServer, withSettings } from "./with-server.ts";

const TOO_LARGE = "Failed to parse body of request: request entity too large";
const COMMANDS = 100_000;

const TIMED_OUT = {
  success: false,
  error: "Request exceeded timeout before a response was received.",
  errorTopic: "connection",
  errorEvent: "HTTP_REQUEST_TIMEOUT",
};

const HUGE: readonly [number, string, (n: number) => object][] = [
  [COMMANDS, "events", (n) => emit(`e${n}`, n)],
  [COMMANDS, "writes", (n) => write(`r${n}`, { n })],
  [COMMANDS, "reads", (n) => head(`r${n}`)],
  [5000, "writes by path of one record", (n) => patch("one", "n", n)],
];

export function limitRules(open: OpenWith): void {
  describe("limits", () => {
    test("deepstream.http.body_bytes_max bounds commands and logins", async () => {
      await withServer(open, { http: { body_bytes_max: 100 } }, async (client) => {
        const fits = JSON.stringify({ body: [emit("x")] });
        for (const [body, status] of [
          [fits + " ".repeat(100 - fits.length), 200],
          [fits + " ".repeat(101 - fits.length), 400],
        ] as const) {
          const answer = await client.post("/api", body);
          expect(answer.status).toBe(status);
          if (status === 400) expectPlain(answer, 400, TOO_LARGE);
        }
        const login = { username: "x".repeat(100) };
        expectPlain(await client.post("/api/auth", login), 400, TOO_LARGE);
      });
    });

    test("a hundred thousand commands are too large by default", async () => {
      await withServer(open, {}, async (client) => {
        const commands = Array.from({ length: COMMANDS }, (_, n) => write(`r${n}`, {}));
        expectPlain(await client.run(commands), 400, TOO_LARGE);
        await client.expectMissing("r0");
      });
    });

    test.each(HUGE)(
      "%d %s in one batch work, and others are answered meanwhile",
      async (count, _, command) => {
        const settings = { http: { body_bytes_max: 16_777_216, request_timeout_ms: 120_000 } };
        await withServer(open, settings, async (client) => {
          const commands = Array.from({ length: count }, (_, n) => command(n));
          const batch = client.batch(commands);
          const others = countOthers(client, batch);
          const { result, body } = await batch;
          expect({ result, length: body.length }).toEqual({ result: "SUCCESS", length: count });
          expect(await others).toBeGreaterThanOrEqual(5);
          expect(await client.slot(head("other"))).toMatchObject({ success: true });
        });
      },
    );

    test("what has not begun by deepstream.http.request_timeout_ms never does", async () => {
      const settings = { http: { body_bytes_max: 16_777_216, request_timeout_ms: 1 } };
      await withServer(open, settings, async (client) => {
        const commands = Array.from({ length: COMMANDS }, (_, n) => write(`r${n}`, {}));
        const { result, body } = await client.batch(commands);
        expect(result).not.toBe("SUCCESS");
        expect(body).toHaveLength(COMMANDS);
        expect(body.at(-1)).toEqual(TIMED_OUT);
        const done = body.filter(({ success }) => success).length;
        expect(body.slice(0, done).every(({ success }) => success)).toBe(true);
        if (done > 0) expect(await client.read(`r${done - 1}`)).toEqual(found(1, {}));
        // Whatever was under way is over when a later write is.
        await client.post("/api", { body: [write("later", {})] });
        await client.expectMissing(`r${COMMANDS - 1}`);
      });
    });

    test("deepstream.http.answer_bytes_max bounds what is read, not what is done", async () => {
      const settings = {
        deepstream: { http: { answer_bytes_max: 10_000 } },
        records: { record_bytes_max: 10_000 },
      };
      await withSettings(open, settings, async (client) => {
        const data = { text: "é".repeat(2000) };
        await client.write("large", data);
        const { result, body } = await client.batch([
          ...[read("large"), read("large"), read("large"), write("small", {}), read("small")],
          ...[write("large", {}, 1), read("missing")],
        ]);
        expect(result).toBe("PARTIAL_SUCCESS");
        const tooLong = {
          success: false,
          error: expect.stringContaining("10000 bytes"),
          errorTopic: "record",
          errorEvent: "RECORD_LOAD_ERROR",
        };
        expect(body).toEqual([
          ...[found(1, data), found(1, data), tooLong, DONE, found(1, {})],
          expect.objectContaining({ errorEvent: "VERSION_EXISTS", currentVersion: 1 }),
          expect.objectContaining({ errorEvent: "RECORD_NOT_FOUND" }),
        ]);
        expect(body[5]).not.toHaveProperty("currentData");
        // Who goes on asking in vain is not read for any more.
        const greedy = await client.batch([...Array(8).fill(read("large")), read("small")]);
        expect(greedy.body.slice(2)).toEqual(Array(7).fill(tooLong));
      });
    });

    test("limits.user_requests_per_second bounds one user and not the next", async () => {
      await withSettings(open, { limits: { user_requests_per_second: 2 } }, async (client) => {
        const tokens = [
          await client.token({ username: "a" }),
          await client.token({ username: "b" }),
        ];
        for (const token of tokens) {
          const answers = await Promise.all(
            Array.from({ length: 20 }, (_, n) =>
              n % 2 === 0
                ? client.run([emit("x")], token)
                : client.get("/api/records", { Authorization: token }),
            ),
          );
          expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(2);
          const refused = answers.filter(({ status }) => status === 429);
          expect(refused.length).toBeGreaterThanOrEqual(10);
          for (const answer of refused) {
            expectPlain(answer, 429, "The user may make 2 requests a second.");
            expect(answer.headers.get("retry-after")).toBe("1");
          }
        }
      });
    });

    test("limits.user_commands_per_second refuses a batch whole", async () => {
      await withSettings(open, { limits: { user_commands_per_second: 5 } }, async (client) => {
        const five = (name: string) => Array.from({ length: 5 }, () => write(name, {}));
        const answers = [];
        for (let n = 0; n < 5; n += 1) answers.push(await client.run(five(`r${n}`)));
        const [first, ...others] = answers;
        expect(first && batchOf(first).result).toBe("SUCCESS");
        const refused = others.findIndex(({ status }) => status === 429);
        expect(refused).toBeGreaterThanOrEqual(0);
        const answer = await client.get(`/api/records/r${refused + 1}`);
        expect([404, 429]).toContain(answer.status);
      });
    });

    test("records.* bound data, names and paths, each in its slot", async () => {
      const records = {
        ...{ record_bytes_max: 50, records_max: 3, name_bytes_max: 5 },
        ...{ array_index_max: 4, depth_max: 2 },
      };
      await withSettings(open, { records }, async (client) => {
        const refused = { success: false, error: expect.any(String) };
        const { body } = await client.batch([
          ...[write("a", { text: "x".repeat(39) }), write("a", { text: "x".repeat(40) })],
          ...[patch("a", "more", "x"), write("b".repeat(5), {}), write("b".repeat(6), {})],
          ...[patch("c", "l[4]", 1), patch("c", "l[5]", 1), patch("c", "l[4][1]", 1)],
          ...[patch("c", "o.p", 1), patch("c", "o.p.q", 1), patch("c", "o.p", {})],
          ...[write("c", { a: [] }), write("c", { a: [[]] }), write("d", {}), read("d")],
        ]);
        expect(body).toMatchObject([
          ...[DONE, refused, refused, DONE, refused, DONE, refused, refused],
          ...[DONE, refused, refused, DONE, refused],
          { ...refused, errorEvent: "RECORD_UPDATE_ERROR" },
          { ...refused, errorEvent: "RECORD_NOT_FOUND" },
        ]);
        expect(await client.read("a")).toEqual(found(1, { text: "x".repeat(39) }));
      });
    });
  });
}

/** How many requests of somebody else, a write and a read each, are answered while `batch` runs. */
async function countOthers(client: DeepstreamClient, batch: Promise<unknown>): Promise<number> {
  let isOver = false;
  void batch.finally(() => (isOver = true));
  for (let count = 0; ; count += 1) {
    expect((await client.run([write("other", {}), read("other")])).status).toBe(200);
    if (isOver) return count;
  }
}
