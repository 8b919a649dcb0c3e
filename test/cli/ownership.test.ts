// What root must not do in the directory of another user. Only root can set this up.

import { expect, test } from "bun:test";
import { chmodSync, chownSync, readdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { isOwnSocket } from "../../src/cli/admin-socket.ts";
import { millrace, printed, temporaryDirectory } from "./millrace.ts";

const OTHER_USER = 54_321;
const isRoot = userInfo().uid === 0;

test.if(isRoot)("root makes nothing in it that its owner could not read", async () => {
  using data = temporaryDirectory();
  chownSync(data.path, OTHER_USER, OTHER_USER);
  const commands = [
    ["cache", "create", "c"],
    ["cache", "list"],
    ["key", "rotate"],
    ["token", "create", "--admin"],
    ["serve", "--port", "0"],
  ];
  for (const words of commands) {
    const { exitCode, stdout, stderr } = await millrace([...words, "--data", data.path]);
    expect(stderr).toMatch(/belongs to the user with the id 54321: run the command as that user/);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  }
  expect(readdirSync(data.path)).toEqual([]);
});

test.if(isRoot)("who may not look into it is told so in one sentence", async () => {
  using data = temporaryDirectory();
  const inside = join(data.path, "inside");
  const commands = [
    ["cache", "create", "c"],
    ["cache", "list"],
    ["token", "create", "--admin"],
    ["backup", join(data.path, "backup")],
    ["restore", "-"],
    ["verify"],
    ["export"],
    ["health"],
    ["compact"],
    ["serve", "--port", "0"],
  ];
  await printed("cache", "create", "c", "--data", inside);
  chmodSync(data.path, 0o755);
  using _ = actingAs(OTHER_USER);
  for (const words of commands) {
    const { exitCode, stdout, stderr } = await millrace([...words, "--data", inside]);
    expect({ words, stderr }).toEqual({
      words,
      stderr: `millrace: The data directory ${inside} is closed to this user: run the command as its owner, as with sudo -u millrace.\n`,
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  }
});

test.if(isRoot)("a socket that a stranger has made is not trusted", async () => {
  using data = temporaryDirectory();
  const socket = join(data.path, "a.sock");
  await Bun.write(socket, "");
  chownSync(data.path, OTHER_USER, OTHER_USER);
  expect(isOwnSocket(socket, data.path)).toBe(true);
  chownSync(socket, OTHER_USER, OTHER_USER);
  expect(isOwnSocket(socket, data.path)).toBe(true);
  chownSync(socket, OTHER_USER + 1, OTHER_USER);
  expect(isOwnSocket(socket, data.path)).toBe(false);
  expect(isOwnSocket(join(data.path, "b.sock"), data.path)).toBe(false);
});

test("keys that exist may be read by whoever can", async () => {
  using data = temporaryDirectory();
  await printed("token", "create", "--admin", "--data", data.path);
  if (isRoot) chownSync(data.path, OTHER_USER, OTHER_USER);
  expect(await printed("token", "create", "--admin", "--data", data.path)).not.toBe("");
});

/** What the file system is asked for is asked by that user until it is disposed. */
function actingAs(user: number): Disposable {
  process.seteuid?.(user);
  return { [Symbol.dispose]: () => process.seteuid?.(0) };
}
