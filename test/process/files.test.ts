// What lies in the data directory is for its owner only, whatever the directory and the umask allow.

import { expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../cli/millrace.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { printed, type ServerProcess, serve } from "../support/executable.ts";

setDefaultTimeout(180_000);

const GENEROUS = { under: ["sh", "-c", 'umask 0 && exec "$0" "$@"'] };
const FILES = ["keys.json", "lock.db", "millrace.db", "millrace.db-wal", "millrace.sock"];

test("a directory that the server makes is 0700, and its files are 0600", async () => {
  using directory = temporaryDirectory();
  const data = join(directory.path, "deep", "data");
  await using server = await serve(data, [], GENEROUS);
  await expectPrivate(server);
  expect(modeOf(data)).toBe(0o700);
});

test("in a directory that others may read, the files are 0600 as well", async () => {
  using directory = temporaryDirectory();
  const data = join(directory.path, "data");
  mkdirSync(data);
  chmodSync(data, 0o755);
  await using server = await serve(data, [], GENEROUS);
  await expectPrivate(server);
});

test("files that others could read are closed to them at the next start", async () => {
  using directory = temporaryDirectory();
  const data = join(directory.path, "data");
  await printed("token", "create", "--admin", "--data", data);
  await printed("cache", "create", "c", "--data", data);
  for (const name of readdirSync(data)) chmodSync(join(data, name), 0o644);
  await using server = await serve(data, [], GENEROUS);
  await expectPrivate(server);
});

test("the socket of a directory with a long path is 0600 too, and goes with the server", async () => {
  using directory = temporaryDirectory();
  const data = join(directory.path, "d".repeat(130));
  const env = { TMPDIR: directory.path };
  await using server = await serve(data, [], { ...GENEROUS, env });
  const sockets = () => readdirSync(directory.path).filter((name) => name.endsWith(".sock"));
  expect(sockets().map((name) => modeOf(join(directory.path, name)))).toEqual([0o600]);
  server.kill("SIGTERM");
  await server.ended;
  expect(sockets()).toEqual([]);
});

test("after an orderly stop the messages are in one file, without a log beside it", async () => {
  using directory = temporaryDirectory();
  const data = join(directory.path, "data");
  await using server = await serve(data);
  await expectPrivate(server);
  server.kill("SIGTERM");
  await server.ended;
  expect(readdirSync(data).sort()).toEqual(["keys.json", "lock.db", "millrace.db"]);
});

async function expectPrivate(server: ServerProcess): Promise<void> {
  const client = new Client(() => server);
  await client.putCache("c");
  expect((await client.publish("c", "t", "a")).status).toBe(204);
  const names = readdirSync(server.data);
  expect(names).toEqual(expect.arrayContaining(FILES));
  const modes = names.map((name) => `${name} ${modeOf(join(server.data, name)).toString(8)}`);
  expect(modes).toEqual(names.map((name) => `${name} 600`));
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}
