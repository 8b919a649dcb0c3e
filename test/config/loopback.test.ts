// Which addresses count as those that only the machine itself can reach.

import { expect, test } from "bun:test";
import { isLoopback } from "../../src/config/loopback.ts";

test.each(["127.0.0.1", "127.1.2.3", "::1", "localhost", "LOCALHOST"])("%s is loopback", (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each([
  "0.0.0.0",
  "::",
  "10.0.0.1",
  "128.0.0.1",
  "::2",
  "127.0.0.1.example.com",
  "127.example.com",
  "localhost.example.com",
  "",
])("%p is not", (host) => {
  expect(isLoopback(host)).toBe(false);
});
