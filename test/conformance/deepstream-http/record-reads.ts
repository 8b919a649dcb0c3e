// Reading one record by GET, with its version as ETag.

import { describe, expect, test } from "bun:test";
import { rawHttp, rawRequest } from "../../support/raw-http.ts";
import { type DeepstreamClient, expectPlain, fresh } from "./client.ts";
import { remove } from "./commands.ts";

const NO_USER = "Unsuccessful authentication attempt.";

const NAMES = [
  "cities/hamburg",
  "a b+c",
  "100%",
  "%41",
  "?x=1&y#z",
  "ä/ö/ü 😀",
  "a//b/",
  "/",
  "__proto__",
  "semi;colon,comma:@=&$!*'()",
  '"quoted"',
  "back\\slash",
  "...",
  "n".repeat(1024),
];

const MALFORMED = ["%", "%2", "%zz", "%E0%A4%A", "%ff", "a%C3", "%ED%A0%80"];

const NOT_NAMES = ["%00", "a%0Ab", "%C2%85", "n".repeat(1025)];

export function recordReadRules(client: DeepstreamClient): void {
  const pathOf = (name: string) => `/api/records/${encodeURIComponent(name)}`;
  const made = async (data: unknown = { a: 1 }) => {
    const name = fresh("get");
    await client.write(name, data);
    return name;
  };

  describe("a record by GET", () => {
    test("is its data, with its version as ETag", async () => {
      const name = await made({ a: [1, null, "ü"] });
      const answer = await client.get(pathOf(name));
      expect(answer).toMatchObject({ status: 200, body: '{"a":[1,null,"ü"]}\r\n\r\n' });
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "content-type": "application/json; charset=utf-8",
        etag: '"1"',
        "cache-control": "no-cache",
        "access-control-allow-origin": "*",
      });
      await client.write(name, []);
      const next = await client.get(pathOf(name));
      expect(next).toMatchObject({ status: 200, body: "[]\r\n\r\n" });
      expect(next.headers.get("etag")).toBe('"2"');
    });

    test.each(NAMES)("called %j is found by one percent-encoded segment", async (name) => {
      await client.slot(remove(name));
      expectPlain(await client.get(pathOf(name)), 404, `Record "${name}" could not be found.`);
      await client.write(name, { name });
      const answer = await client.get(pathOf(name));
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual({ name });
      // Every byte may be encoded, in either case.
      const bytes = [...new TextEncoder().encode(name)];
      const encoded = bytes.map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
      const again = await client.get(`/api/records/${encoded}`);
      if (!/^\.*$/.test(name)) expect(again.status).toBe(200);
    });

    test("in other segments is not looked for", async () => {
      await client.batch([remove("cities/hamburg")]);
      await client.write("cities/hamburg", {});
      const answer = await client.get("/api/records/cities/hamburg");
      expectPlain(answer, 400, /^Reading records via HTTP GET is not yet implemented/);
    });

    test.each(MALFORMED)("called %s, which is malformed: 400", async (segment) => {
      expectPlain(await client.get(`/api/records/${segment}`), 400, /percent-encoded|not valid/);
    });

    test.each(NOT_NAMES)("called %s, which is no name: 400", async (segment) => {
      expectPlain(await client.get(`/api/records/${segment}`), 400, /record name is not valid/);
    });

    test.each([
      ['"2"', 304],
      ['W/"2"', 304],
      ["*", 304],
      [" * ", 304],
      ['"1", "2"', 304],
      ['"1",W/"2","x"', 304],
      ['"1" , "3"', 200],
      ['"1"', 200],
      ["2", 200],
      ["'2'", 200],
      ['"22"', 200],
      ['w/"2"', 200],
      ['"*"', 200],
      [",", 200],
    ])("with If-None-Match %s: %d", async (held, status) => {
      const name = await made();
      await client.write(name, { a: 2 });
      const answer = await client.get(pathOf(name), { "If-None-Match": held });
      expect(answer.status).toBe(status);
      expect(answer.headers.get("etag")).toBe('"2"');
      expect(answer.body).toBe(status === 304 ? "" : '{"a":2}\r\n\r\n');
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    });

    test("an answer of 304 has no body, and the next answer on its connection is whole", async () => {
      const name = await made();
      const head = rawRequest(`GET ${pathOf(name)}`, ['If-None-Match: "1"']);
      const answer = await rawHttp(client.url, head);
      expect(answer).toMatchObject({ status: 304, body: "" });
      if (answer === "closed") throw new Error("the server hung up");
      expect(answer.headers.get("etag")).toBe('"1"');
      expect(answer.headers.get("content-type")).toBeNull();
    });

    test("that is missing is 404, whatever the client holds", async () => {
      const name = fresh("get");
      for (const held of ["*", '"0"', '"-1"']) {
        const answer = await client.get(pathOf(name), { "If-None-Match": held });
        expectPlain(answer, 404, `Record "${name}" could not be found.`);
        expect(answer.headers.get("etag")).toBeNull();
      }
    });

    test("by HEAD has the same headers and no body", async () => {
      const name = await made();
      const head = await client.send("HEAD", pathOf(name));
      expect(head).toMatchObject({ status: 200, body: "" });
      expect(head.headers.get("etag")).toBe('"1"');
      expect(head.headers.get("content-type")).toBe("application/json; charset=utf-8");
      const held = await client.send("HEAD", pathOf(name), { headers: { "If-None-Match": '"1"' } });
      expect(held).toMatchObject({ status: 304, body: "" });
      expect((await client.send("HEAD", pathOf(fresh("get")))).status).toBe(404);
    });

    test("takes the token in Authorization, with or without Bearer, or as a parameter", async () => {
      const path = pathOf(await made());
      const token = await client.token({});
      for (const form of [token, `Bearer ${token}`, `bearer  ${token}`]) {
        expect((await client.get(path, { Authorization: form })).status).toBe(200);
      }
      expect((await client.get(`${path}?token=${token}`)).status).toBe(200);
      expect((await client.get(`${path}?token=`)).status).toBe(200);
    });

    test("with a token that is not good is 401", async () => {
      const path = pathOf(await made());
      const bad = `${await client.token({})}x`;
      expectPlain(await client.get(path, { Authorization: bad }), 401, NO_USER);
      expectPlain(await client.get(`${path}?token=${bad}`), 401, NO_USER);
      expectPlain(await client.get(`/api/records?token=${bad}`), 401, NO_USER);
      expect((await client.send("HEAD", path, { headers: { Authorization: bad } })).status).toBe(
        401,
      );
    });

    test("with two tokens is 400, also when they are the same", async () => {
      const path = pathOf(await made());
      const token = await client.token({});
      const headers = { Authorization: token };
      expectPlain(await client.get(`${path}?token=${token}`, headers), 400, /Only one of/);
      expectPlain(await client.get(`${path}?token=a&token=b`), 400, /more than once/);
    });

    test("can be read by pages, which see its ETag", async () => {
      const name = await made();
      const answer = await client.get(pathOf(name), { Origin: "https://x.example" });
      expect(answer.headers.get("access-control-expose-headers")).toBe("ETag, Retry-After");
      const preflight = await client.send("OPTIONS", pathOf(name), {
        headers: {
          Origin: "https://x.example",
          "Access-Control-Request-Method": "GET",
          "Access-Control-Request-Headers": "authorization, if-none-match",
        },
      });
      expect(preflight.status).toBe(204);
      const allowed = preflight.headers.get("access-control-allow-headers") ?? "";
      expect(allowed.split(", ")).toContainValues(["Authorization", "If-None-Match"]);
    });

    test("every other GET is refused as ever", async () => {
      const refused =
        "Reading records via HTTP GET is not yet implemented, please use a post request instead.";
      const paths = ["", "/", "/v1", "/records/", "/record/x", "/auth", "/v1/auth", "/v1/records"];
      for (const path of paths) expectPlain(await client.get(`/api${path}`), 400, refused);
      for (const path of paths) {
        expect(await client.send("HEAD", `/api${path}`)).toMatchObject({ status: 405, body: "" });
      }
    });

    test.each(["PUT", "PATCH", "DELETE"])("%s of a record is no method", async (method) => {
      const name = await made();
      const text = "Unsupported method. Supported methods: GET, POST, OPTIONS";
      expectPlain(await client.send(method, pathOf(name)), 405, text);
      expectPlain(await client.send(method, "/api/records"), 405, text);
      expect(await client.read(name)).toMatchObject({ version: 1 });
    });
  });
}
