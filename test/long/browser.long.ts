// A real browser: the client's own build for pages, and pages of other origins that call every API.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { DeepstreamClient as Client } from "@deepstream/client";
import { type TemporaryDirectory, temporaryDirectory } from "../cli/millrace.ts";
import { Client as TopicsClient } from "../conformance/momento-http/client.ts";
import { type Chromium, openChromium, type Page } from "../support/chromium.ts";
import { type ServerProcess, serve } from "../support/executable.ts";
import { roundTrip, wentWell } from "../support/round-trip.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const CLIENT = join(import.meta.dir, "../../node_modules/@deepstream/client/dist/bundle/ds.min.js");
const START_MS = 120_000;

/** In the page, where the client's script has put it. */
declare const DeepstreamClient: { readonly DeepstreamClient: typeof Client };
/** Of the page, from one call of the test to the next. */
declare const window: { client: Client; heard: unknown[] };

let data: TemporaryDirectory;
let server: ServerProcess;
let pages: Pages;
let chromium: Chromium;

beforeAll(async () => {
  data = temporaryDirectory();
  server = await serve(data.path);
  pages = servePages();
  chromium = await openChromium();
}, START_MS);

afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  pages?.[Symbol.dispose]();
  await server?.[Symbol.asyncDispose]();
  data?.[Symbol.dispose]();
});

describe("the client in a page", () => {
  test("a program that is given the server's address alone works", async () => {
    const page = await chromium.open(pages.url);
    expect(await roundTripIn(page, socketUrl(server.url), "browser")).toEqual(wentWell("browser"));
  });

  test("pages and what runs elsewhere hear each other", async () => {
    const [alice, bob] = [await chromium.open(pages.url), await chromium.open(pages.url)];
    for (const [page, name] of [[alice, "alice"] as const, [bob, "bob"] as const]) {
      await login(page, socketUrl(server.url), name);
    }
    await bob.run(() => {
      window.heard = [];
      window.client.event.subscribe("pages", (text: unknown) => window.heard.push(text));
    });
    await until("the event of the other page", async () => {
      await alice.run(() => window.client.event.emit("pages", "from a page"));
      return (await bob.run(() => window.heard)).includes("from a page");
    });
    await post({ topic: "event", action: "emit", eventName: "pages", data: "over HTTP" });
    await until("the event over HTTP", async () =>
      (await bob.run(() => window.heard)).includes("over HTTP"),
    );
    expect(await post({ topic: "presence", action: "query" })).toMatchObject({
      users: expect.arrayContaining(["alice", "bob"]),
    });
    for (const page of [alice, bob]) await page.run(() => window.client.close());
  });

  test("a page whose connection is cut comes back, with what it subscribed to", async () => {
    using proxy = openTcpProxy(server.url);
    const page = await chromium.open(pages.url);
    await login(page, socketUrl(proxy.url), "carol");
    const reaches = (text: string) =>
      until(`the event ${text}`, async () => {
        await post({ topic: "event", action: "emit", eventName: "cut", data: text });
        return (await page.run(() => window.heard)).includes(text);
      });
    await page.run(() => {
      window.heard = [];
      window.client.event.subscribe("cut", (text: unknown) => window.heard.push(text));
    });
    await reaches("before");
    proxy.cut();
    await reaches("after");
    await page.run(() => window.client.close());
  });
});

describe("fetch in a page of another origin", () => {
  test("posts commands and reads records", async () => {
    const page = await chromium.open(pages.url);
    const answers = await page.run(async (url) => {
      const write = { topic: "record", action: "write", recordName: "page/1", data: { n: 1 } };
      const headers = { "Content-Type": "application/json" };
      const body = JSON.stringify({ body: [write] });
      const posted = await fetch(`${url}/api`, { method: "POST", headers, body });
      const list = await fetch(`${url}/api/records?prefix=page/`);
      const record = await fetch(`${url}/api/records/page%2F1`);
      const etag = record.headers.get("etag");
      const again = await fetch(`${url}/api/records/page%2F1`, {
        headers: { "If-None-Match": etag ?? "" },
        cache: "no-store",
      });
      return {
        posted: await posted.json(),
        list: await list.json(),
        record: await record.json(),
        ...{ etag, again: again.status },
      };
    }, server.url);
    expect(answers).toEqual({
      posted: { result: "SUCCESS", body: [{ success: true }] },
      list: { records: [expect.objectContaining({ name: "page/1", version: 1 })], next: null },
      ...{ record: { n: 1 }, etag: '"1"', again: 304 },
    });
  });

  test("publishes to a topic and follows it by long polls", async () => {
    await new TopicsClient(() => server).putCache("c");
    const page = await chromium.open(pages.url);
    const read = await page.run(
      async (url, Authorization) => {
        const topic = `${url}/topics/c/page`;
        const follow = async (query: string) => {
          const answer = await fetch(`${topic}?${query}`, { headers: { Authorization } });
          const { items } = (await answer.json()) as { items: { item: object }[] };
          return items[0]?.item;
        };
        const publish = async (body: string) => {
          const answer = await fetch(topic, { method: "POST", headers: { Authorization }, body });
          return [answer.status, answer.headers.get("topic-sequence-number")];
        };
        const first = await publish("hello");
        const read = await follow("sequence_number=0");
        const waiting = follow("sequence_number=1");
        return { first, second: await publish("é"), read, waited: await waiting };
      },
      server.url,
      server.adminToken,
    );
    const item = (number: number, text: string) =>
      expect.objectContaining({ topic_sequence_number: number, value: { text } });
    expect(read).toEqual({
      ...{ first: [204, "1"], second: [204, "2"] },
      ...{ read: item(1, "hello"), waited: item(2, "é") },
    });
  });
});

test("only pages of origins that are listed get answers and connections", async () => {
  using directory = temporaryDirectory();
  using others = servePages();
  const origins = [`--deepstream-origins=${pages.url}`, `--http-origins=${pages.url}`];
  await using strict = await serve(directory.path, origins);
  await new TopicsClient(() => strict).putCache("c");
  const reach = async (from: string) =>
    (await chromium.open(from)).run(
      async (url, socket, Authorization) => {
        const status = (answer: Promise<Response>) =>
          answer.then(
            (one) => one.status,
            () => "kept from the page",
          );
        const body = JSON.stringify({ body: [{ topic: "presence", action: "query" }] });
        const headers = { "Content-Type": "application/json" };
        const topic = { method: "POST", headers: { Authorization }, body: "hello" };
        return {
          commands: await status(fetch(`${url}/api`, { method: "POST", headers, body })),
          records: await status(fetch(`${url}/api/records`)),
          topics: await status(fetch(`${url}/topics/c/t`, topic)),
          socket: await new Promise((resolve) => {
            const opened = new WebSocket(`${socket}/deepstream`);
            opened.onopen = () => resolve("open");
            opened.onerror = () => resolve("refused");
          }),
        };
      },
      strict.url,
      socketUrl(strict.url),
      strict.adminToken,
    );
  expect(await reach(pages.url)).toEqual({
    ...{ commands: 200, records: 200, topics: 204, socket: "open" },
  });
  const kept = "kept from the page";
  expect(await reach(others.url)).toEqual({
    ...{ commands: kept, records: kept, topics: kept, socket: "refused" },
  });
});

interface Pages extends Disposable {
  readonly url: string;
}

/** An origin of its own, for it is another port, whose only page has the client's script. */
function servePages(): Pages {
  const html = `<!doctype html><title>page</title><script src="/ds.js"></script>`;
  const origin = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    routes: {
      "/": new Response(html, { headers: { "Content-Type": "text/html" } }),
      "/ds.js": new Response(Bun.file(CLIENT)),
    },
  });
  return {
    url: origin.url.origin,
    [Symbol.dispose]: () => void origin.stop(true),
  };
}

function roundTripIn(page: Page, url: string, tag: string): Promise<unknown> {
  return page.evaluate(
    `(${roundTrip})(DeepstreamClient.DeepstreamClient, ${JSON.stringify(url)}, ${JSON.stringify(tag)})`,
  );
}

async function login(page: Page, url: string, name: string): Promise<void> {
  await page.run(
    async (at, username) => {
      window.client = new DeepstreamClient.DeepstreamClient(at);
      await window.client.login({ username });
    },
    url,
    name,
  );
}

/** The answer to one command, sent from here. */
async function post(command: object): Promise<unknown> {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ body: [command] });
  const answer = await fetch(`${server.url}/api`, { method: "POST", headers, body });
  return ((await answer.json()) as { body: unknown[] }).body[0];
}

function socketUrl(url: string): string {
  return url.replace(/^http/, "ws").replace(/\/$/, "");
}
