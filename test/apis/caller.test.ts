// Who calls, as webhooks are told: what the open-source server tells them.

import { expect, test } from "bun:test";
import { callerOf } from "../../src/http/caller.ts";

const services = { addressOf: () => "192.0.2.1" };

test.each([
  ["http://127.0.0.1:7070/api/auth", "/api/auth"],
  ["https://millrace.test/api/auth?tenant=a/b", "/api/auth?tenant=a/b"],
  ["http://[::1]:7070/", "/"],
  ["http://millrace.test/api/http://x/y", "/api/http://x/y"],
])("of %s the webhook is told the path and the query", (url, told) => {
  const request = new Request(url, { headers: { "User-Agent": "curl" } });
  expect(callerOf(services, request)).toEqual({
    address: "192.0.2.1",
    headers: { "user-agent": "curl" },
    url: told,
  });
});
