// A file of users is taken as it is written down, or refused in a sentence that names the user.

import { describe, expect, test } from "bun:test";
import { parseUserFile, UserFileError } from "../../src/auth/user-file.ts";

const ARGON =
  "$argon2id$v=19$m=8,t=1,p=1$lLrRop+bdVft3EYH/DjjHtWeFXZ1WI1N5GyX+DIewrs$pIoeSH4vtUEpJGkr8AAqzvBlBxf0hTn9p75VM4orXVU";
const BCRYPT = "$2b$04$syVVPC1keDI/bTZbIwk8cOZMHS3aXjID3r8mSX0BykJeggRw0oHY.";

describe("good files", () => {
  const alice = { id: "alice", passwordHash: ARGON, clientData: undefined, serverData: undefined };
  const rows: [string, string, object[]][] = [
    ["YAML", `alice:\n  password: ${ARGON}\n`, [alice]],
    ["YAML with comments and quotes", `# all\nalice: {password: "${ARGON}"} # one\n`, [alice]],
    ["JSON", JSON.stringify({ alice: { password: ARGON } }), [alice]],
    ["JSON with tabs", JSON.stringify({ alice: { password: ARGON } }, null, "\t"), [alice]],
    [
      "data of all kinds",
      `alice:\n  password: ${ARGON}\n  clientData: {a: [1, x]}\n  serverData: admin\n`,
      [{ ...alice, clientData: { a: [1, "x"] }, serverData: "admin" }],
    ],
    [
      "bcrypt, and a name that is a number",
      `7: {password: ${BCRYPT}}`,
      [{ ...alice, id: "7", passwordHash: BCRYPT }],
    ],
    ["nobody", "{}", []],
    ["a name of objects", `constructor: {password: "${ARGON}"}`, [{ ...alice, id: "constructor" }]],
  ];
  test.each(rows)("%s", (_, text, users) => {
    expect([...parseUserFile(text).values()]).toEqual(users as never);
    expect([...parseUserFile(text).keys()]).toEqual(users.map((user) => (user as typeof alice).id));
  });

  test.each([
    [
      "argon2id",
      () => Bun.password.hash("x", { algorithm: "argon2id", memoryCost: 8, timeCost: 1 }),
    ],
    ["argon2i", () => Bun.password.hash("x", { algorithm: "argon2i", memoryCost: 8, timeCost: 3 })],
    ["argon2d", () => Bun.password.hash("x", { algorithm: "argon2d", memoryCost: 8, timeCost: 3 })],
    ["bcrypt", () => Bun.password.hash("x", { algorithm: "bcrypt", cost: 4 })],
  ])("a hash that Bun makes by %s is taken", async (_, make) => {
    const hash = await make();
    expect(parseUserFile(JSON.stringify({ a: { password: hash } })).get("a")?.passwordHash).toBe(
      hash,
    );
  });
});

describe("bad files", () => {
  const rows: [string, string, RegExp][] = [
    ["an empty one", "", /users by their names/],
    ["a list", "[]", /users by their names/],
    ["a text", "alice", /users by their names/],
    ["what is neither YAML nor JSON", "a: [", /neither YAML nor JSON/],
    ["a clear-text password", "alice: {password: secret}", /"alice".*no hash.*millrace user hash/],
    ["a password that is a number", "alice: {password: 5}", /"alice".*no hash/],
    ["no password", "alice: {clientData: {}}", /"alice".*no hash/],
    ["a user that is nothing", "alice:", /"alice" must have password/],
    ["a user that is a text", `alice: ${ARGON}`, /"alice" must have password/],
    ["a hash of PBKDF2", "a: {password: x/YHbWmOnLQ1LGxqZVq2gg==}", /Argon2.*bcrypt/],
    ["a hash of MD5", "a: {password: $1$abc$def}", /Argon2.*bcrypt/],
    ["a hash cut short", `a: {password: "${ARGON.slice(0, 60)}"}`, /no hash/],
    ["a bcrypt hash cut short", `a: {password: "${BCRYPT.slice(0, -1)}"}`, /no hash/],
    ["an unknown member", `a: {password: "${ARGON}", role: x}`, /"a" has "role", which is none of/],
    [
      "the name __proto__",
      `__proto__: {password: "${ARGON}"}`,
      /"__proto__" has a name that is none/,
    ],
    ["an empty name", `"": {password: "${ARGON}"}`, /"" has a name that is none/],
    ["data in a circle", `a: {password: "${ARGON}", clientData: &x {y: *x}}`, /"a".*nested/],
    [
      "__proto__ in data",
      `{"a": {"password": "${ARGON}", "serverData": {"__proto__": 1}}}`,
      /"a".*__proto__/,
    ],
    ["data too large", `a: {password: "${ARGON}", serverData: "${"x".repeat(8192)}"}`, /"a".*8192/],
  ];
  test.each(rows)("%s", (_, text, sentence) => {
    const problem = problemOf(text);
    expect(problem.message).toMatch(sentence);
    expect(problem.message).not.toContain("secret");
  });
});

function problemOf(text: string): Error {
  try {
    parseUserFile(text);
  } catch (cause) {
    if (cause instanceof UserFileError) return cause;
    throw cause;
  }
  throw new Error("the file was taken");
}
