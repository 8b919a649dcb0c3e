// Keys: every form in which the base64 of {endpoint, api_key} arrives, and what is no key.

import { describe, expect, test } from "bun:test";
import { encodeKey, jwtOf } from "../../src/auth/key-form.ts";

// Chosen so that its base64 holds +, / and =.
const JWT = "eyJhbGciOiJIUzI1NiJ9.e30.abc~~~???>>>";
const ENDPOINT = "http://127.0.0.1:7070";
const KEY = encodeKey(ENDPOINT, JWT);

describe("encodeKey", () => {
  test("is standard base64 of compact JSON with the endpoint first, as Momento's own keys", () => {
    const json = Buffer.from(KEY, "base64").toString();
    expect(json).toBe(JSON.stringify({ endpoint: ENDPOINT, api_key: JWT }));
    expect(Buffer.from(KEY, "base64").toString("base64")).toBe(KEY);
  });

  test("the example of this file shows what happens to +, / and =", () => {
    expect(KEY).toMatch(/\+/);
    expect(KEY).toMatch(/\//);
    expect(KEY).toMatch(/=$/);
  });
});

describe("jwtOf", () => {
  const urlSafe = KEY.replaceAll("+", "-").replaceAll("/", "_");
  const keys: [string, string][] = [
    ["standard base64", KEY],
    ["without padding", KEY.replace(/=+$/, "")],
    ["URL-safe", urlSafe],
    ["URL-safe without padding", urlSafe.replace(/=+$/, "")],
    ["spaces where a query string had plus signs", KEY.replaceAll("+", " ")],
    ["spaces and no padding", KEY.replaceAll("+", " ").replace(/=+$/, "")],
    ["members in another order", base64({ api_key: JWT, endpoint: ENDPOINT })],
    ["more members", base64({ endpoint: ENDPOINT, api_key: JWT, more: 1 })],
    ["no endpoint", base64({ api_key: JWT })],
    ["an endpoint that is not ASCII", base64({ endpoint: "http://münchen.example", api_key: JWT })],
  ];
  test.each(keys)("a key gives its JWT: %s", (_, key) => {
    expect(jwtOf(key)).toBe(JWT);
  });

  const others: [string, string][] = [
    ["a bare JWT", JWT],
    ["empty", ""],
    ["a word", "secret"],
    ["base64 of no JSON", btoa("not json")],
    ["base64 of a number", btoa("7")],
    ["base64 of null", btoa("null")],
    ["base64 of a list", btoa("[]")],
    ["base64 of an object without api_key", base64({ endpoint: ENDPOINT })],
    ["base64 of an api_key that is no string", base64({ endpoint: ENDPOINT, api_key: 7 })],
    ["base64 of invalid UTF-8", "//79"],
    ["base64 that is cut short", KEY.slice(0, -9)],
    ["base64 with padding within", `${KEY.slice(0, 8)}==${KEY.slice(8)}`],
    ["what is no base64", "🔑"],
  ];
  test.each(others)("what is no key is given back as it is: %s", (_, text) => {
    expect(jwtOf(text)).toBe(text);
  });
});

function base64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64");
}
