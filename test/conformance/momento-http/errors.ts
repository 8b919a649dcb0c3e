// Errors: one shape for all, the statuses of the seed's table, and paths that nobody owns.

import { beforeAll, describe, expect, test } from "bun:test";
import { rawHttp, rawRequest } from "../../support/raw-http.ts";
import { type Client, fresh, topicPath } from "./client.ts";
import {
  BAD_REQUEST,
  type ExpectedError,
  expectError,
  expectNoSecret,
  FORBIDDEN,
  limitExceeded,
  NO_CACHE,
  NO_ENDPOINT,
  NO_TOPIC,
} from "./expect-error.ts";

type Provoked = {
  readonly rule: string;
  readonly method: string;
  readonly path: string;
  readonly error: ExpectedError;
};

// CACHE is a cache that takes one topic only, "t"; the token of the request may do all in it but is no admin.
const PROVOKED: readonly Provoked[] = [
  {
    rule: "a bad number",
    method: "GET",
    path: "/topics/CACHE/t?sequence_number=x",
    error: BAD_REQUEST,
  },
  { rule: "a bad name", method: "GET", path: "/topics/CACHE/%zz", error: BAD_REQUEST },
  { rule: "another cache", method: "GET", path: "/topics/other/t", error: FORBIDDEN },
  { rule: "an admin's request", method: "GET", path: "/caches", error: FORBIDDEN },
  { rule: "an unknown cache", method: "GET", path: "/topics/gone-CACHE/t", error: NO_CACHE },
  { rule: "a wrong method", method: "PATCH", path: "/topics/CACHE/t", error: NO_ENDPOINT },
  {
    rule: "a limit",
    method: "POST",
    path: "/topics/CACHE/t2",
    error: limitExceeded("topics_limit_exceeded"),
  },
];

// A wrong method on a path that the API owns, and the methods that its error names.
const WRONG_METHODS = [
  { method: "PATCH", path: "/topics/c/t", allowed: ["GET", "POST"] },
  { method: "PUT", path: "/topics/c/t", allowed: ["GET", "POST"] },
  { method: "POST", path: "/topics/c", allowed: ["GET"] },
  { method: "DELETE", path: "/topics/c", allowed: ["GET"] },
  { method: "POST", path: "/caches", allowed: ["GET"] },
  { method: "DELETE", path: "/caches", allowed: ["GET"] },
  { method: "POST", path: "/caches/c", allowed: ["GET", "PUT", "DELETE"] },
  { method: "PATCH", path: "/caches/c", allowed: ["GET", "PUT", "DELETE"] },
  { method: "GET", path: "/tokens", allowed: ["POST"] },
  { method: "DELETE", path: "/tokens", allowed: ["POST"] },
  { method: "GET", path: "/tokens/somebody", allowed: ["DELETE"] },
  { method: "PUT", path: "/tokens/somebody", allowed: ["DELETE"] },
  { method: "GET", path: "/keys/rotate", allowed: ["POST"] },
];

const UNOWNED = [
  "/",
  "/nope",
  "/topic/c/t",
  "/topicsx/c/t",
  "/Topics/c/t",
  "/api.json",
  "/caches.json",
  "/favicon.ico",
  "/v1/topics/c/t",
  "/topics/c/t/more",
  "/caches/c/more",
  "/tokens/a/b",
];

export function errorRules(client: Client): void {
  describe("errors", () => {
    let cache = "";
    let token = "";
    beforeAll(async () => {
      cache = await client.makeCache({ limits: { topics: 1 } });
      await client.publishAll(cache, "t", ["x"]);
      const all = (name: string) => ({ cache: name, topic: "*", role: "both" });
      token = await client.token([all(cache), all(`gone-${cache}`)]);
    });

    // Promised: "{status,title,detail,code,message} as JSON with the statuses of the seed's table".
    test.each(PROVOKED)(
      "$rule has the one shape and tells no token",
      async ({ method, path, error }) => {
        const at = path.replace("CACHE", cache);
        const body = method === "POST" ? { body: "x" } : {};
        expectError(await client.send(method, at, { token, ...body }), error, [token]);
        const query = `${at.includes("?") ? "&" : "?"}token=${encodeURIComponent(token)}`;
        expectError(await client.send(method, at + query, { token: null, ...body }), error, [
          token,
        ]);
      },
    );

    test.each([
      { path: "/topics/CACHE/t?sequence_number=x", status: 400, reason: "Bad Request" },
      { path: "/topics/CACHE/t?token=x", status: 401, reason: "Unauthorized" },
      { path: "/caches", status: 403, reason: "Forbidden" },
      { path: "/topics/gone-CACHE/t", status: 404, reason: "Not Found" },
    ])("the status line says $status $reason", async ({ path, status, reason }) => {
      const headers = path.includes("token=") ? [] : [`Authorization: ${token}`];
      const request = rawRequest(`GET ${path.replace("CACHE", cache)}`, headers);
      expect(await rawHttp(client.url, request)).toMatchObject({ status, reason });
    });

    test("errors of HEAD have the status and no body", async () => {
      const head = (path: string, by: string | null) => client.send("HEAD", path, { token: by });
      const answers = [
        await head(`/topics/${cache}/t?timeout=x`, token),
        await head(`/topics/${cache}/t`, null),
        await head(`/topics/${cache}/t`, "garbage"),
        await head("/topics/other/t", token),
        await head(`/topics/gone-${cache}/t`, token),
      ];
      expect(answers.map((answer) => answer.status)).toEqual([400, 401, 401, 403, 404]);
      for (const answer of answers) expect(answer.body).toBe("");
    });

    test("each thing that is not there has its own code", async () => {
      expectError(await client.subscribe(fresh("unknown"), "t"), NO_CACHE);
      expectError(await client.send("DELETE", topicPath(cache, "unknown")), NO_TOPIC);
      expectError(await client.send("PATCH", "/caches"), NO_ENDPOINT);
    });

    // Promised: "a wrong method is 404".
    test.each(WRONG_METHODS)(
      "$method $path is 404 and says what is allowed",
      async ({ method, path, allowed }) => {
        const answer = await client.send(method, path);
        expectError(answer, NO_ENDPOINT, [client.adminToken]);
        for (const name of allowed) expect(JSON.parse(answer.body).detail).toContain(name);
      },
    );

    // Promised: "Paths that no API owns are 404 with the plain text `Endpoint not found.`"
    test.each(UNOWNED.map((path) => ({ path })))("$path is nobody's", async ({ path }) => {
      for (const method of ["GET", "POST", "PUT", "DELETE"]) {
        const answer = await client.send(method, `${path}?token=${client.adminToken}`, {
          token: null,
        });
        expect(answer).toMatchObject({ status: 404, body: "Endpoint not found." });
        expect(answer.headers.get("Content-Type")).toMatch(/^text\/plain\b/);
        expectNoSecret(answer, [client.adminToken]);
      }
    });

    test.each(
      [
        "/topics",
        "/topics/",
        "/topics/c/",
        "/topics//t",
        "//topics/c/t",
        "/topics/c/t/",
        "/tokens/",
      ].map((path) => ({ path })),
    )("$path is 404, or 400 where a name is missing", async ({ path }) => {
      for (const method of ["GET", "POST"]) {
        const answer = await rawHttp(
          client.url,
          rawRequest(`${method} ${path}`, [`Authorization: ${client.adminToken}`]),
        );
        expect(answer === "closed" ? 0 : answer.status).toBeOneOf([400, 404]);
      }
    });
  });
}
