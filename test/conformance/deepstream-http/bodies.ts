// Bodies in other forms than plain UTF-8 of a known length, and those that are too large.

import { describe, expect, test } from "bun:test";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { openRaw, rawHttp, rawRequest } from "../../support/raw-http.ts";
import { batchOf, type DeepstreamClient, expectPlain, fresh, plain } from "./client.ts";
import { query, write } from "./commands.ts";

const GOOD = JSON.stringify({ body: [query()] });
const TOO_LARGE = "Failed to parse body of request: request entity too large";
const NO_PARSE = /^Failed to parse body of request: .+\r\n\r\n$/;
const JSON_TYPE = "Content-Type: application/json";
const MEBIBYTE = 1_048_576;

const bytes = (text: string, encoding: "utf8" | "utf16le" | "latin1" = "utf8") =>
  new Uint8Array(Buffer.from(text, encoding));

const swapped = (text: string) => new Uint8Array(Buffer.from(text, "utf16le").swap16());

/** Encoding, body. */
const COMPRESSED: readonly [string, Uint8Array<ArrayBuffer>][] = [
  ["gzip", new Uint8Array(gzipSync(GOOD))],
  ["GZip", new Uint8Array(gzipSync(GOOD))],
  ["deflate", new Uint8Array(deflateSync(GOOD))],
  ["identity", bytes(GOOD)],
];

const crushed = (spoil: (whole: Buffer<ArrayBuffer>) => Uint8Array) =>
  new Uint8Array(spoil(Buffer.from(new Uint8Array(gzipSync(GOOD)))));

const NOT_COMPRESSED: readonly [string, string, Uint8Array<ArrayBuffer>][] = [
  ["text that is not compressed", "gzip", bytes(GOOD)],
  ["nothing", "gzip", bytes("")],
  ["half of it", "gzip", crushed((whole) => whole.subarray(0, whole.length / 2))],
  ["all but its end", "gzip", crushed((whole) => whole.subarray(0, -1))],
  ["a wrong sum", "gzip", crushed((whole) => whole.fill(0, whole.length - 8, whole.length - 4))],
  ["more behind it", "gzip", crushed((whole) => Buffer.concat([whole, Buffer.from("more")]))],
  ["gzip as deflate", "deflate", new Uint8Array(gzipSync(GOOD))],
  ["deflate without its head", "deflate", new Uint8Array(deflateRawSync(GOOD))],
  ["Brotli", "br", bytes(GOOD)],
  ["two encodings", "gzip, gzip", new Uint8Array(gzipSync(gzipSync(GOOD)))],
  ["an unknown encoding", "bogus", bytes(GOOD)],
];

const CHARSETS: readonly [string, Uint8Array<ArrayBuffer>][] = [
  ["utf-8", bytes(GOOD)],
  ["UTF8", bytes(GOOD)],
  ["utf-8", bytes(`\ufeff${GOOD}`)],
  ["utf-16", bytes(GOOD, "utf16le")],
  ["utf-16le", bytes(GOOD, "utf16le")],
  ["utf-16be", swapped(GOOD)],
];

const NOT_TEXT: readonly [string, string, Uint8Array<ArrayBuffer>][] = [
  ["half a character", "utf-8", new Uint8Array([0x7b, 0x7d, 0xc3])],
  ["a byte that begins nothing", "utf-8", new Uint8Array([0x7b, 0xff, 0x7d])],
  ["a surrogate", "utf-8", new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ["an overlong character", "utf-8", new Uint8Array([0xc0, 0xbb])],
  ["half a unit", "utf-16le", bytes(GOOD, "utf16le").slice(0, -1)],
  ["half a pair", "utf-16le", bytes('{"a":"\ud800"}', "utf16le")],
  ["the other byte order", "utf-16le", swapped(GOOD)],
];

export function bodyRules(client: DeepstreamClient): void {
  const send = (body: Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
    client.send("POST", "/api", { headers, body });

  describe("bodies", () => {
    test.each(COMPRESSED)("%s is read", async (encoding, body) => {
      expect(batchOf(await send(body, { "Content-Encoding": encoding })).result).toBe("SUCCESS");
    });

    test.each(NOT_COMPRESSED)("compressed, but %s: 400", async (_, encoding, body) => {
      expectPlain(await send(body, { "Content-Encoding": encoding }), 400, NO_PARSE);
    });

    test("one that inflates to more than a megabyte is too large", async () => {
      const name = fresh("bomb");
      const whole = JSON.stringify({ body: [write(name, { pad: " ".repeat(4 * MEBIBYTE) })] });
      for (const [encoding, body] of [
        ["gzip", gzipSync(whole)],
        ["deflate", deflateSync(whole)],
      ] as const) {
        const answer = await send(new Uint8Array(body), { "Content-Encoding": encoding });
        expectPlain(answer, 400, TOO_LARGE);
      }
      await client.expectMissing(name);
    });

    test.each(CHARSETS)("in %s is read", async (charset, body) => {
      const headers = { "Content-Type": `application/json; charset=${charset}` };
      expect(batchOf(await send(body, headers)).result).toBe("SUCCESS");
    });

    test.each(["bogus", "iso-8859-1", "latin1", "utf-7", "utf-32", "__proto__", '""'])(
      "in %s is refused",
      async (charset) => {
        const headers = { "Content-Type": `application/json; charset=${charset}` };
        const answer = await send(bytes(GOOD), headers);
        expectPlain(answer, 400, /^Failed to parse body of request: unsupported charset "/);
      },
    );

    test.each(NOT_TEXT)(
      "with %s in %s is refused, and the next is read",
      async (_, charset, body) => {
        const headers = { "Content-Type": `application/json; charset=${charset}` };
        expectPlain(await send(body, headers), 400, NO_PARSE);
        const next = charset === "utf-8" ? bytes(GOOD) : bytes(GOOD, "utf16le");
        expect(batchOf(await send(next, headers)).result).toBe("SUCCESS");
      },
    );

    test("of exactly a megabyte is read, and of a byte more is not", async () => {
      const pad = " ".repeat(MEBIBYTE - GOOD.length);
      expect(batchOf(await client.post("/api", GOOD + pad)).result).toBe("SUCCESS");
      expectPlain(await client.post("/api", `${GOOD}${pad} `), 400, TOO_LARGE);
      expectPlain(await client.post("/api/auth", `{}${" ".repeat(MEBIBYTE)}`), 400, TOO_LARGE);
    });

    test("too large is said before it is sent", async () => {
      const head = [JSON_TYPE, "Content-Length: 1000000000"];
      const answer = await rawHttp(client.url, rawRequest("POST /api", head));
      expect(answer).toMatchObject(plain(400, TOO_LARGE));
    });

    test("in chunks is read, and too many of them are not", async () => {
      const head = rawRequest("POST /api", [JSON_TYPE, "Transfer-Encoding: chunked"]);
      const chunks = [...GOOD].map((character) => `1\r\n${character}\r\n`).join("");
      const answer = await rawHttp(client.url, `${head}${chunks}0\r\n\r\n`);
      expect(answer).toMatchObject({ status: 200 });
      using connection = await openRaw(client.url);
      connection.write(head);
      const chunk = `10000\r\n${" ".repeat(65_536)}\r\n`;
      for (let sent = 0; sent <= MEBIBYTE; sent += 65_536) connection.write(chunk);
      expect(await connection.answer()).toMatchObject(plain(400, TOO_LARGE));
    });

    test("that is waited for can be asked for", async () => {
      using connection = await openRaw(client.url);
      const head = [JSON_TYPE, "Expect: 100-continue", `Content-Length: ${GOOD.length}`];
      connection.write(rawRequest("POST /api", head));
      connection.write(GOOD);
      expect(await connection.answer()).toMatchObject({ status: 200 });
    });
  });
}
