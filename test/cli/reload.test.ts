// A running server takes up what may change by SIGHUP and by millrace reload, and drops nobody.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { until } from "../support/until.ts";
import {
  millrace,
  poll,
  printed,
  type Serving,
  serving,
  temporaryDirectory,
  waiters,
} from "./millrace.ts";

setDefaultTimeout(180_000);

const USERS = `[deepstream]\nauth = ["file"]\n[deepstream.file]\npath = "users.json"\n`;

const ways: [string, (server: Serving, data: string) => Promise<unknown>][] = [
  ["SIGHUP", async (server) => server.kill("SIGHUP")],
  ["millrace reload", (_, data) => millrace(["reload", "--data", data])],
];

describe.each(ways)("%s", (_, reload) => {
  test("takes up log level and users, and leaves a waiting poll alone", async () => {
    using directory = temporaryDirectory();
    const [file, data] = [join(directory.path, "a.toml"), join(directory.path, "data")];
    await Bun.write(file, `${USERS}[log]\nlevel = "error"\n`);
    await writeUsers(directory.path, { alice: "alice's" });
    await using server = await serving("--config", file, "--data", data);
    await printed("cache", "create", "c", "--data", data);
    const answer = poll(server, await printed("token", "create", "--admin", "--data", data));
    await waiters(data, 1);
    expect(await login(server, "bob", "bob's")).toBe(401);
    expect(server.stderr()).not.toContain("Ready");

    await Bun.write(file, `${USERS}[log]\nlevel = "info"\n`);
    await writeUsers(directory.path, { bob: "bob's" });
    await reload(server, data);
    await until("the log says so", () =>
      /Reloaded.* parts=log level, users, permission rules, metrics token\n/.test(server.stderr()),
    );
    expect(await login(server, "bob", "bob's")).toBe(200);
    expect(await login(server, "alice", "alice's")).toBe(401);

    await Bun.write(join(directory.path, "users.json"), "{");
    await reload(server, data);
    await until("the log says why not", () =>
      /ERROR Reload of users failed; the old stay in force.* reason=The file of users .*\n/.test(
        server.stderr(),
      ),
    );
    expect(await login(server, "bob", "bob's")).toBe(200);
    server.kill("SIGTERM");
    expect(await (await answer).text()).toBe('{"items":[]}');
    expect((await server.ended).exitCode).toBe(0);
  });
});

test("a configuration with a mistake changes nothing, and the command says which and fails", async () => {
  using directory = temporaryDirectory();
  const [file, data] = [join(directory.path, "a.toml"), join(directory.path, "data")];
  await Bun.write(file, USERS);
  await writeUsers(directory.path, { alice: "alice's" });
  await using server = await serving("--config", file, "--data", data);
  await Bun.write(file, `${USERS}[http]\nprot = 1\n`);
  await writeUsers(directory.path, { bob: "bob's" });
  const ended = await millrace(["reload", "--data", data]);
  expect([ended.exitCode, ended.stdout]).toEqual([1, ""]);
  expect(ended.stderr).toMatch(
    /^millrace: The old stay in force\. configuration: \[http\] prot .*\n$/,
  );
  expect(await login(server, "alice", "alice's")).toBe(200);
  await Bun.write(file, `${USERS}[http]\norigins = ["https://a.example"]\n`);
  expect(await printed("reload", "--data", data)).toBe(
    "Reloaded: log level, users, permission rules, metrics token.\nThese have changed and take effect after a restart: [http] origins.",
  );
  await until("the log says so", () => server.stderr().includes("settings=[http] origins"));
});

test("another token of the metrics counts from then on, and the one before no more", async () => {
  using directory = temporaryDirectory();
  const [file, data] = [join(directory.path, "token"), join(directory.path, "data")];
  await Bun.write(file, "the-token-of-before\n");
  await using server = await serving("--metrics-token-file", file, "--data", data);
  const statuses = async () => {
    const answers = ["the-token-of-before", "the-token-of-now"].map(async (token) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${server.url}/metrics`, { headers })).status;
    });
    return await Promise.all(answers);
  };
  await Bun.write(file, "the-token-of-now\n");
  expect(await statuses()).toEqual([200, 401]);
  await printed("reload", "--data", data);
  expect(await statuses()).toEqual([401, 200]);
  await Bun.write(file, "short\n");
  const { exitCode, stderr } = await millrace(["reload", "--data", data]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("metrics token: The file");
  expect(await statuses()).toEqual([401, 200]);
});

test("without a server there is nothing to reload", async () => {
  using data = temporaryDirectory();
  expect(await millrace(["reload", "--data", data.path])).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: `millrace: No server is running on the data directory ${data.path}.\n`,
  });
});

test("SIGHUP reloads on a terminal as well, but closing the terminal ends the server", async () => {
  using data = temporaryDirectory();
  let shown = "";
  const decoder = new TextDecoder();
  const words = ["serve", "--port", "0", "--data", data.path];
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, "../../src/main.ts"), ...words],
    {
      terminal: {
        data(_, bytes) {
          shown += decoder.decode(bytes, { stream: true });
        },
      },
    },
  );
  await until("the server is ready", () => shown.includes("listens on"));
  child.kill("SIGHUP");
  await until("the log says so", () => shown.includes("Reloaded"));
  expect(child.exitCode).toBe(null);
  child.terminal?.close();
  expect(await child.exited).toBe(0);
});

test("over HTTP, only an admin may ask for it", async () => {
  using data = temporaryDirectory();
  await using server = await serving("--data", data.path);
  const token = (...words: string[]) => printed("token", "create", "--data", data.path, ...words);
  const ask = async (authorization: string) => {
    const init = { method: "POST", headers: { authorization } };
    const answer = await fetch(`${server.url}/reload`, init);
    return [answer.status, await answer.json()];
  };
  const weak = await token("--cache", "c", "--topic", "*", "--role", "both");
  expect(await ask(weak)).toMatchObject([403, { code: "permission_denied" }]);
  expect(server.stderr()).not.toContain("Reloaded");
  expect(await ask(await token("--admin"))).toEqual([
    200,
    { reloaded: ["log level", "permission rules", "metrics token"], failed: [], restart: [] },
  ]);
});

async function writeUsers(directory: string, passwords: Record<string, string>): Promise<void> {
  const users = Object.entries(passwords).map(async ([name, password]) => [
    name,
    { password: await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 }) },
  ]);
  const text = JSON.stringify(Object.fromEntries(await Promise.all(users)));
  await Bun.write(join(directory, "users.json"), text);
}

async function login(server: Serving, username: string, password: string): Promise<number> {
  const body = JSON.stringify({ username, password });
  const headers = { "content-type": "application/json" };
  return (await fetch(`${server.url}/api/auth`, { method: "POST", headers, body })).status;
}
