// What all bodies in flight may take together, and how long one may take to arrive.

import { describe, expect, test } from "bun:test";
import { openRaw, type RawConnection, rawRequest } from "../../support/raw-http.ts";
import { until } from "../../support/until.ts";
import { type Answer, texts, upTo } from "../momento-http/answers.ts";
import { Client } from "../momento-http/client.ts";
import { BAD_REQUEST, expectError, limitExceeded } from "../momento-http/expect-error.ts";
import { type OpenWith, type Overrides, openForAll } from "../target.ts";
import { withServer } from "./with-server.ts";

const NO_ROOM = limitExceeded("in_flight_bytes_limit_exceeded");
const WHOLE = 131_072;
const PART = WHOLE / 4;
const TRICKLE_MS = 20;

/** Room for one message of the greatest size, and so for four of a quarter of it. */
const SMALL: Overrides = {
  http: { body_bytes_in_flight_max: WHOLE },
  topics: { message_bytes_max: WHOLE },
};

const FORMS = [
  { form: "a length", isChunked: false },
  { form: "chunks", isChunked: true },
] as const;

type UploadTarget = { readonly what: string; readonly line: string; readonly host?: string };

const PUBLISH: UploadTarget = { what: "publishes", line: "POST /topics/c/t" };
const ODD_HOST: UploadTarget = { ...PUBLISH, what: "publishes to an odd Host", host: "" };
const TARGETS: readonly UploadTarget[] = [
  PUBLISH,
  ODD_HOST,
  { what: "settings of caches", line: "PUT /caches/c" },
  { what: "wishes for tokens", line: "POST /tokens" },
  { what: "rotations", line: "POST /keys/rotate" },
];

/** How a request may end; each holds more than half of the room before it does. */
const ENDINGS: readonly { readonly ending: string; end: (client: Client) => Promise<unknown> }[] = [
  { ending: "is stored", end: (client) => client.publish("c", "t", "x".repeat(WHOLE)) },
  { ending: "finds no cache", end: (client) => client.publish("no", "t", "x".repeat(WHOLE)) },
  {
    ending: "is no text",
    end: (client) => client.publish("c", "t", new Uint8Array(WHOLE).fill(255)),
  },
  { ending: "is no JSON", end: (client) => client.mintWith("x".repeat(65_000)) },
  { ending: "makes a token", end: (client) => client.mintWith(paddedWish()) },
  { ending: "is too large in chunks", end: (client) => tooLarge(client, PUBLISH) },
  { ending: "is too large in chunks, to an odd Host", end: (client) => tooLarge(client, ODD_HOST) },
  { ending: "breaks off", end: (client) => breakOff(client, false) },
  { ending: "breaks off in chunks", end: (client) => breakOff(client, true) },
];

export function bodySettingRules(open: OpenWith): void {
  // One after the other on one server: each needs the whole room, and leaves it.
  describe.serial("bodies", () => {
    const client = new Client(openForAll(() => open(SMALL)));

    for (const { form, isChunked } of FORMS) {
      test.each(TARGETS)(
        `slow $what with ${form} take http.body_bytes_in_flight_max and no more, and give it back`,
        async (target) => {
          await renew(client);
          using uploads = new DisposableStack();
          const answers = upTo(12).map(async () => {
            const upload = uploads.use(await openUpload(client, target, PART, isChunked));
            return await upload.answer();
          });
          const refused = await firstOf(8, answers);
          for (const answer of refused) expectError(answer, NO_ROOM, [client.adminToken]);
          expectError(await client.publish("c", "t", "one more"), NO_ROOM);
          uploads.dispose();
          expect((await Promise.all(answers)).filter((answer) => answer === "closed").length).toBe(
            4,
          );
          await expectWholeRoom(client);
          expect(await client.read("c", "t")).toEqual([]);
        },
      );
    }

    test("a body in chunks that finds no more room is refused, and the rest goes on", async () => {
      await renew(client);
      using first = await openUpload(client, PUBLISH, PART, true);
      using second = await openUpload(client, PUBLISH, PART, true);
      await untilSeen(client);
      second.write(chunk(2 * PART));
      second.write(chunk(1));
      expectError(answered(await second.answer()), NO_ROOM);
      first.write("0\r\n\r\n");
      expect(await first.answer()).toMatchObject({ status: 204 });
      expect(texts(await client.read("c", "t"))).toContain("x".repeat(PART));
      await expectWholeRoom(client);
    });

    test.each(ENDINGS)("a body that $ending gives its room back", async ({ end }) => {
      await renew(client);
      for (const _ of upTo(3)) await end(client);
      await expectWholeRoom(client);
    });

    test.each(FORMS)("a connection serves on after a body with $form", async ({ isChunked }) => {
      await renew(client);
      using upload = await openUpload(client, PUBLISH, WHOLE - 1, isChunked);
      upload.write(isChunked ? "0\r\n\r\n" : "x".repeat(WHOLE - 2));
      expect(await upload.answer()).toMatchObject({ status: 204 });
      upload.write(rawRequest("POST /topics/c/t", authorization(client), "next"));
      expect(await upload.answer()).toMatchObject({ status: 204 });
    });
  });

  describe("bodies that trickle", () => {
    test.each(FORMS)(
      "http.body_seconds_max ends a body with $form that trickles, and its connection",
      async ({ isChunked }) => {
        const settings = { ...SMALL, http: { ...SMALL.http, body_seconds_max: 1 } };
        await withServer(open, settings, async (client) => {
          await client.putCache("c");
          using upload = await openUpload(client, PUBLISH, isChunked ? PART : WHOLE, isChunked);
          using _trickle = every(TRICKLE_MS, () => upload.write(isChunked ? chunk(1) : "x"));
          expectError(answered(await upload.answer()), {
            ...BAD_REQUEST,
            detail: "The body did not arrive within 1 seconds.",
          });
          expect(await upload.answer()).toBe("closed");
          await expectWholeRoom(client);
          expect(await client.read("c", "t")).toEqual([]);
        });
      },
    );
  });
}

/**
 * Begins a body that holds so many bytes of the room: with a length it announces them and sends one, in
 * chunks it sends them all and does not end.
 */
async function openUpload(
  client: Client,
  { line, host }: UploadTarget,
  bytes: number,
  isChunked: boolean,
): Promise<RawConnection> {
  const connection = await openRaw(client.url);
  const length = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${bytes}`;
  const head = rawRequest(line, [...authorization(client), length]);
  connection.write(host === undefined ? head : head.replace(/^Host: .*$/m, `Host: ${host}`));
  connection.write(isChunked ? chunk(bytes) : "x");
  return connection;
}

function authorization(client: Client): string[] {
  return [`Authorization: ${client.adminToken}`];
}

function chunk(bytes: number): string {
  return `${bytes.toString(16)}\r\n${"x".repeat(bytes)}\r\n`;
}

type RawOutcome = Awaited<ReturnType<RawConnection["answer"]>>;

function answered(outcome: RawOutcome): Answer {
  if (outcome === "closed") throw new Error("the server hung up");
  return outcome;
}

/** Resolves with the first answers, when there are so many. */
async function firstOf(count: number, outcomes: readonly Promise<RawOutcome>[]): Promise<Answer[]> {
  const first: Answer[] = [];
  for (const outcome of outcomes) {
    void outcome.then((answer) => answer === "closed" || first.push(answer));
  }
  await until(`${count} answers`, () => first.length >= count);
  return first;
}

/** Resolves when nothing is left of other tests: the room is free, and the cache empty. */
async function renew(client: Client): Promise<void> {
  await client.putCache("c");
  await expectWholeRoom(client);
  await client.deleteCache("c");
  await client.putCache("c");
}

/** The server has seen what was sent before when it answers what comes after; a byte gets in beside it. */
async function untilSeen(client: Client): Promise<void> {
  await client.publishAll("c", "other", ["x"]);
}

/** A message that needs all of it gets in, once the server has seen what ended. */
async function expectWholeRoom(client: Client): Promise<void> {
  await until("the whole room is free", async () => {
    return (await client.publish("c", "whole", "x".repeat(WHOLE))).status === 204;
  });
}

async function tooLarge(client: Client, target: UploadTarget): Promise<void> {
  using upload = await openUpload(client, target, WHOLE, true);
  upload.write(chunk(1));
  expectError(answered(await upload.answer()), limitExceeded("item_size_limit_exceeded"));
}

async function breakOff(client: Client, isChunked: boolean): Promise<void> {
  const upload = await openUpload(client, PUBLISH, WHOLE - 1, isChunked);
  await untilSeen(client);
  upload[Symbol.dispose]();
  await expectWholeRoom(client);
}

function paddedWish() {
  return {
    permissions: [{ cache: "c", topic: "t", role: "both" }],
    expires_in_seconds: 600,
    padding: "x".repeat(65_000),
  };
}

function every(ms: number, run: () => void): Disposable {
  const timer = setInterval(run, ms);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
