// Clients that break off, stall or never begin leave nothing behind in the server.

import { expect, setDefaultTimeout, test } from "bun:test";
import { temporaryDirectory } from "../cli/millrace.ts";
import { outline, texts, upTo } from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { measure, type ServerProcess, serve, untilWaiting } from "../support/executable.ts";
import { openRaw, type RawConnection, rawRequest } from "../support/raw-http.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

test("requests that end in the middle are not heeded, and others are served meanwhile", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const client = new Client(() => server);
  await client.putCache("c");
  using stalled = new DisposableStack();
  for (const bytes of brokenRequests(server)) {
    stalled.use(await openAndWrite(server, bytes));
    (await openAndWrite(server, bytes))[Symbol.dispose]();
    expect((await client.publish("c", "other", "a")).status).toBe(204);
  }
  stalled.dispose();
  await expectAtEase(server, client);
  expect(outline(await client.read("c", "t"))).toEqual([]);
  expect(server.stderr()).not.toMatch(/ERROR|WARN/);
});

test("a publish whose client is gone before the answer is stored whole and once, or not at all", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const client = new Client(() => server);
  await client.putCache("c");
  const publish = rawRequest("POST /topics/c/t", [`Authorization: ${server.adminToken}`], "a word");
  for (const _ of upTo(100)) (await openAndWrite(server, publish))[Symbol.dispose]();
  await client.publish("c", "t", "the last");
  const stored = await client.read("c", "t");
  expect(outline(stored)).toEqual(upTo(stored.length));
  expect(texts(stored).filter((text) => text !== "a word")).toEqual(["the last"]);
  await expectAtEase(server, client);
  expect(server.stderr()).not.toMatch(/ERROR|WARN/);
});

test("polls whose clients go away are waiters no longer", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const client = new Client(() => server);
  await client.putCache("c");
  const poll = rawRequest("GET /topics/c/t", [`Authorization: ${server.adminToken}`]);
  {
    using polls = new DisposableStack();
    for (const _ of upTo(200)) polls.use(await openAndWrite(server, poll));
    await untilWaiting(server, 200);
  }
  await expectAtEase(server, client);
});

test("thousands of connections, come and gone, leave no memory behind", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  const client = new Client(() => server);
  await client.putCache("c");
  const rounds: number[] = [];
  for (const _ of upTo(8)) {
    await comeAndGo(server, 500);
    rounds.push((await measure(server)).residentBytes);
  }
  await expectAtEase(server, client);
  // The first rounds make room that the later ones use again.
  const [early, late] = [Math.max(...rounds.slice(0, 4)), Math.min(...rounds.slice(4))];
  expect(late / early).toBeLessThan(1.5);
  expect(server.stderr()).not.toMatch(/ERROR|WARN/);
});

test("with no more files to open for connections, it serves those it has, and later the others", async () => {
  using data = temporaryDirectory();
  const fewFiles = { under: ["sh", "-c", 'ulimit -n 100 && exec "$0" "$@"'] };
  await using server = await serve(data.path, [], fewFiles);
  const client = new Client(() => server);
  await client.putCache("c");
  const token = `Authorization: ${server.adminToken}`;
  using first = await openAndWrite(server, rawRequest("GET /caches/c", [token]));
  expect(await first.answer()).toMatchObject({ status: 200 });
  {
    using polls = new DisposableStack();
    const poll = rawRequest("GET /topics/c/t", [token]);
    for (const _ of upTo(120)) polls.use(await openAndWrite(server, poll));
    await until("as many polls as there can be", async () => {
      first.write(rawRequest("GET /caches/c", [token]));
      const answer = await first.answer();
      return answer !== "closed" && JSON.parse(answer.body).waiters > 40;
    });
    first.write(rawRequest("POST /topics/c/other", [token], "a"));
    expect(await first.answer()).toMatchObject({ status: 204 });
  }
  await expectAtEase(server, client);
});

/** Requests of which something is missing. */
function brokenRequests({ adminToken }: ServerProcess): string[] {
  const token = `Authorization: ${adminToken}`;
  return [
    "G",
    "POST /topics/c/t HTTP/1.1\r\nHost: x\r\nAuthor",
    `POST /topics/c/t HTTP/1.1\r\nHost: x\r\n${token}\r\n`,
    `POST /topics/c/t HTTP/1.1\r\nHost: x\r\n${token}\r\nContent-Length: 100\r\n\r\n`,
    `POST /topics/c/t HTTP/1.1\r\nHost: x\r\n${token}\r\nContent-Length: 100\r\n\r\nhalf a message`,
    `POST /topics/c/t HTTP/1.1\r\nHost: x\r\n${token}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    `POST /topics/c/t HTTP/1.1\r\nHost: x\r\n${token}\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf`,
    `POST /topics/c/t HTTP/1.1\r\nHost: x\r\n${token}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`,
    `PUT /caches/half HTTP/1.1\r\nHost: x\r\n${token}\r\nContent-Length: 100\r\n\r\n{"retention":`,
  ];
}

/** As many connections at once, some idle, some with half a request, some with a poll that waits. */
async function comeAndGo(server: ServerProcess, count: number): Promise<void> {
  using connections = new DisposableStack();
  const token = `Authorization: ${server.adminToken}`;
  const poll = rawRequest("GET /topics/c/t", [token]);
  const half = rawRequest("POST /topics/c/t", [token, "Content-Length: 100"]);
  await Promise.all(
    upTo(count).map(async (index) => {
      connections.use(await openAndWrite(server, ["", half, poll][index % 3] ?? ""));
    }),
  );
  await untilWaiting(server, upTo(count).filter((index) => index % 3 === 2).length);
}

async function openAndWrite(server: ServerProcess, bytes: string): Promise<RawConnection> {
  const connection = await openRaw(server.url);
  if (bytes !== "") connection.write(bytes);
  return connection;
}

/** Nobody waits, and whoever comes is served. */
async function expectAtEase(server: ServerProcess, client: Client): Promise<void> {
  await untilWaiting(server, 0);
  expect((await client.publish("c", "last", "a")).status).toBe(204);
  expect(outline(await client.read("c", "last", "sequence_number=0"))).toEqual([1]);
}
