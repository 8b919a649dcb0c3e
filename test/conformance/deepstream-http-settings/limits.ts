// Limits on one request, on its answer, and on what one user may ask in a second.

import { describe, expect, test } from "bun:test";
import { openRaw, rawRequest } from "../../support/raw-http.ts";
import { until } from "../../support/until.ts";
import { type DeepstreamClient, expectPlain, type Slot } from "../deepstream-http/client.ts";
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

/** Both tell the version of the record: among other commands, and in its place among the writes, which it is too late for. */
const [LOOK, LOOK_AMONG_WRITES] = [head("other"), write("other", {}, 1)];

const HUGE: readonly [number, string, (n: number) => object, object][] = [
  [COMMANDS, "events", (n) => emit(`e${n}`, n), LOOK],
  [30_000, "writes", (n) => write(`r${n}`, { n }), LOOK_AMONG_WRITES],
  [COMMANDS, "reads", (n) => head(`r${n}`), LOOK],
  [5000, "writes by path of one record", (n) => patch("one", "n", n), LOOK_AMONG_WRITES],
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
      "%d %s in one batch work, and others are answered in its middle",
      async (count, _, command, look) => {
        const settings = { http: { body_bytes_max: 16_777_216, request_timeout_ms: 600_000 } };
        await withServer(open, settings, async (client) => {
          await client.write("other", {});
          const commands = Array.from({ length: count }, (_, n) => command(n));
          // On a slow machine there may be none, and the batch is sent again.
          await until("somebody else's write between the first command and the last", async () => {
            const batch = client.batch([look, ...commands, look]);
            await writeUntil(client, "other", batch);
            const [first, ...answers] = (await batch).body;
            const last = answers.pop();
            expect(answers.filter(({ success }) => success)).toHaveLength(count);
            return versionIn(last) > versionIn(first);
          });
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

    test("deepstream.http.answer_bytes_in_flight_max bounds what clients leave unread", async () => {
      const http = { answer_bytes_max: 16_777_216, answer_bytes_in_flight_max: 16_777_216 };
      await withServer(open, { http }, async (client, { url }) => {
        const data = { text: "x".repeat(1_000_000) };
        await client.write("large", data);
        await client.write("small", {});
        const greedy = JSON.stringify({ body: Array(16).fill(read("large")) });
        const head = ["Content-Type: application/json"];
        using idle = await openRaw(url);
        // So that the client's own end takes little of it.
        idle.pause();
        idle.write(rawRequest("POST /api", head, greedy));
        const crowded = expect.objectContaining({
          error: "Record read failed. Too many bytes of answers wait to be read; try again.",
          errorEvent: "RECORD_LOAD_ERROR",
        });
        const commands = [read("large"), write("done", {}), read("small")];
        await until("no room for another", async () => {
          const { body } = await client.batch(commands);
          expect(body.slice(1)).toEqual([DONE, found(1, {})]);
          if (body[0]?.success) return false;
          expect(body[0]).toEqual(crowded);
          return true;
        });
        const refused = await client.get("/api/records/large");
        expectPlain(refused, 429, "Too many bytes of answers wait to be read; try again.");
        expect(refused.headers.get("retry-after")).toBe("1");
        expect((await client.get("/api/records/small")).status).toBe(200);
        expect((await client.get("/api/records")).status).toBe(200);
        // Who reads it after all has the whole of it, and so has everybody who comes then.
        idle.resume();
        const answer = await idle.answer();
        if (answer === "closed") throw new Error("the answer was cut off");
        expect(JSON.parse(answer.body)).toMatchObject({ result: "SUCCESS" });
        expect(answer.body.length).toBeGreaterThan(16_000_000);
        await expectRoom(client, data);
        // So has everybody when one is gone who never read it.
        const gone = await openRaw(url);
        gone.pause();
        gone.write(rawRequest("POST /api", head, greedy));
        await until("no room", async () => (await client.get("/api/records/large")).status === 429);
        gone[Symbol.dispose]();
        await expectRoom(client, data);
      });
    });

    test("limits.user_requests_per_second bounds one user and not the next", async () => {
      await withSettings(open, { limits: { user_requests_per_second: 2 } }, async (client) => {
        const tokens = [
          await client.token({ username: "a" }),
          await client.token({ username: "b" }),
        ];
        for (const token of tokens) {
          const requests = [
            () => client.run([emit("x")], token),
            () => client.get("/api/records", { Authorization: token }),
          ];
          expect((await client.run([emit("x")], token)).status).toBe(200);
          for (const request of requests) {
            const refused = await until("a request too many", async () => {
              const answer = await request();
              return answer.status !== 200 && answer;
            });
            expectPlain(refused, 429, "The user may make 2 requests a second.");
            expect(refused.headers.get("retry-after")).toBe("1");
          }
        }
      });
    });

    test("limits.user_commands_per_second refuses a batch whole", async () => {
      await withSettings(open, { limits: { user_commands_per_second: 5 } }, async (client) => {
        // Leaves a debt of minutes, however slow the machine is.
        const many = Array.from({ length: 5000 }, (_, n) => emit(`e${n}`));
        expect((await client.batch(many)).result).toBe("SUCCESS");
        const refused = await client.run([write("r", {}), write("r", {})]);
        expectPlain(refused, 429, "The user may send 5 commands a second.");
        const Authorization = await client.token({ username: "somebody else" });
        const read = await client.get("/api/records/r", { Authorization });
        expectPlain(read, 404, 'Record "r" could not be found.');
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

/** For the longest answer, sooner or later. */
async function expectRoom(client: DeepstreamClient, data: object): Promise<void> {
  const commands = Array(16).fill(read("large"));
  await until("room for all", async () => (await client.batch(commands)).result === "SUCCESS");
  const { status, body } = await client.get("/api/records/large");
  expect({ status, data: JSON.parse(body) }).toEqual({ status: 200, data });
}

function versionIn(slot: Slot | undefined): number {
  return Number(slot?.version ?? slot?.currentVersion);
}

/** Writes the record again and again, one time after the other, until the batch is answered. */
async function writeUntil(
  client: DeepstreamClient,
  recordName: string,
  batch: Promise<unknown>,
): Promise<void> {
  let isOver = false;
  void batch.finally(() => (isOver = true));
  while (!isOver) await client.write(recordName, {});
}
