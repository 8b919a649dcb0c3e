// Requests that browsers never send and curl seldom: any Host, HTTP/1.0, chunks, Expect.

import { beforeAll, describe, expect, test } from "bun:test";
import { openRaw, rawHttp, rawRequest } from "../../support/raw-http.ts";
import { until } from "../../support/until.ts";
import { texts } from "./answers.ts";
import { type Client, fresh, topicPath } from "./client.ts";

// Promised: "any Host header works".
const HOSTS = [
  "x",
  "api",
  "a:1",
  "localhost",
  "127.0.0.1:7070",
  "[::1]:7070",
  "example.com.",
  "a_b.test",
  "%zz",
  "a b",
  "",
];

export function rawRequestRules(client: Client): void {
  describe("raw requests", () => {
    let cache = "";
    beforeAll(async () => {
      cache = await client.makeCache();
    });

    test.each(HOSTS.map((host) => ({ host })))("the Host '$host' works", async ({ host }) => {
      const topic = fresh("t");
      const path = topicPath(cache, topic);
      const head = `HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${client.adminToken}\r\n`;
      const post = `POST ${path} ${head}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi`;
      expect(await rawHttp(client.url, post)).toMatchObject({ status: 204 });
      const get = await rawHttp(client.url, `GET ${path}?sequence_number=0 ${head}\r\n`);
      expect(get).toMatchObject({ status: 200, body: expect.stringContaining('"text":"hi"') });
      expect(await rawHttp(client.url, `GET /nope ${head}\r\n`)).toMatchObject({
        status: 404,
        body: "Endpoint not found.",
      });
    });

    test("HTTP/1.0 without a Host works", async () => {
      const path = topicPath(cache, fresh("old"));
      const head = `HTTP/1.0\r\nAuthorization: ${client.adminToken}\r\n`;
      const post = `POST ${path} ${head}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi`;
      expect(await rawHttp(client.url, post)).toMatchObject({ status: 204 });
      const get = await rawHttp(client.url, `GET ${path} ${head}\r\n`);
      expect(get).toMatchObject({ status: 200, body: expect.stringContaining('"text":"hi"') });
    });

    test("a waiting poll of an odd Host is woken too", async () => {
      const own = await client.makeCache();
      for (const host of ["x", ""]) {
        const get = `GET /topics/${own}/${host}t HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${client.adminToken}\r\n\r\n`;
        const poll = rawHttp(client.url, get);
        await client.untilWaiters(own, 1);
        await client.publishAll(own, `${host}t`, ["hi"]);
        expect(await poll).toMatchObject({
          status: 200,
          body: expect.stringContaining('"text":"hi"'),
        });
      }
    });

    test("the absolute form of a request's target works, as proxies send it", async () => {
      const path = topicPath(cache, fresh("absolute"));
      const headers = [`Authorization: ${client.adminToken}`];
      const post = rawRequest(`POST http://elsewhere.test:99${path}`, headers, "hi");
      expect(await rawHttp(client.url, post)).toMatchObject({ status: 204 });
      const get = await rawHttp(
        client.url,
        rawRequest(`GET http://x${path}?sequence_number=0`, headers),
      );
      expect(get).toMatchObject({ status: 200, body: expect.stringContaining('"text":"hi"') });
    });

    test("a chunked body is one message", async () => {
      const topic = fresh("chunks");
      const headers = [
        `Authorization: ${client.adminToken}`,
        "Content-Type: text/plain",
        "Transfer-Encoding: chunked",
      ];
      const head = rawRequest(`POST ${topicPath(cache, topic)}`, headers);
      using connection = await openRaw(client.url);
      for (const part of [head, "6\r\nhello ", "\r\n5\r\nwor", "ld\r\n", "0\r\n\r\n"])
        connection.write(part);
      expect(await connection.answer()).toMatchObject({ status: 204 });
      expect(texts(await client.read(cache, topic))).toEqual(["hello world"]);
    });

    test("an empty chunked body is 400", async () => {
      const headers = [`Authorization: ${client.adminToken}`, "Transfer-Encoding: chunked"];
      const head = rawRequest(`POST ${topicPath(cache, fresh("none"))}`, headers);
      expect(await rawHttp(client.url, `${head}0\r\n\r\n`)).toMatchObject({ status: 400 });
    });

    test("Expect: 100-continue gets its 100 and then the answer", async () => {
      const topic = fresh("expect");
      const headers = [
        `Authorization: ${client.adminToken}`,
        "Content-Type: text/plain",
        "Expect: 100-continue",
        "Content-Length: 5",
      ];
      using connection = await openRaw(client.url);
      connection.write(rawRequest(`POST ${topicPath(cache, topic)}`, headers));
      await until("100 Continue", () => connection.has("HTTP/1.1 100"));
      connection.write("hello");
      expect(await connection.answer()).toMatchObject({ status: 204, interim: [100] });
      expect(texts(await client.read(cache, topic))).toEqual(["hello"]);
    });

    test("a connection serves one request after the other", async () => {
      const topic = fresh("kept");
      using connection = await openRaw(client.url);
      const headers = [`Authorization: ${client.adminToken}`, "Content-Type: text/plain"];
      for (const text of ["a", "b", "c"]) {
        connection.write(rawRequest(`POST ${topicPath(cache, topic)}`, headers, text));
        expect(await connection.answer()).toMatchObject({ status: 204 });
      }
      connection.write(rawRequest(`GET ${topicPath(cache, topic)}?sequence_number=x`, headers));
      expect(await connection.answer()).toMatchObject({ status: 400 });
      connection.write(rawRequest(`GET ${topicPath(cache, topic)}?sequence_number=2`, headers));
      expect(await connection.answer()).toMatchObject({
        status: 200,
        body: expect.stringContaining('"c"'),
      });
    });

    test("header names have no case", async () => {
      const line = `POST ${topicPath(cache, fresh("case"))}`;
      const request = rawRequest(
        line,
        [`aUTHORIZATION: ${client.adminToken}`, "IDEMPOTENCY-KEY: k"],
        "hi",
      );
      expect(await rawHttp(client.url, request)).toMatchObject({ status: 204 });
    });
  });
}
