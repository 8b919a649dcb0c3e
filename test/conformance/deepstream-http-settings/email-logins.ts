// Users with an address and a password, and their tokens: the documentation's examples of logging in, and around them.

import { describe, expect, test } from "bun:test";
import { type DeepstreamClient, expectPlain } from "../deepstream-http/client.ts";
import { DONE, emit, query, remove, write } from "../deepstream-http/commands.ts";
import type { OpenWith } from "../target.ts";
import { withServer } from "./with-server.ts";

const LOGIN = `{
  "type": "email",
  "email": "fred.flintstone@example.com",
  "password": "y4b4d4b4d00"
}`;

const BATCH = `{
  "token": "d9GKJkkdsjyKJh832s69sg9dberbs6fd",
  "body": [
    {
      "topic": "event",
      "action": "emit",
      "eventName": "stock-update",
      "data": {
        "apples": 40,
        "bananas": 100,
        "pears": 60
      }
    },
    {
      "topic": "record",
      "action": "read",
      "recordName": "balance"
    }
  ]
}`;

const NO_LOGIN = "Invalid authentication data.";
const NO_USER = "Unsuccessful authentication attempt.";
const FRED = { email: "fred.flintstone@example.com", password: "y4b4d4b4d00" };

const REFUSED: readonly object[] = [
  { ...FRED, type: "email", password: "Y4b4d4b4d00" },
  { ...FRED, type: "email", password: "" },
  { ...FRED, type: "email", email: "nobody@example.com" },
  { type: "email", email: FRED.email },
  { type: "email", password: FRED.password },
  { type: "email", email: [FRED.email], password: FRED.password },
  { type: "email", email: FRED.email, password: [FRED.password] },
  { ...FRED, type: "webhook" },
  { username: FRED.email, password: FRED.password },
  { type: "open" },
  {},
];

export function emailLoginRules(open: OpenWith): void {
  const withFred = (
    auth: string[],
    use: (client: DeepstreamClient, id: string) => Promise<void>,
    login = {},
  ) =>
    withServer(open, { auth, email: { sign_up: true }, login }, async (client) => {
      const answer = await client.post("/api/auth/signup", FRED);
      expect(answer.status).toBe(201);
      await use(client, JSON.parse(answer.body).id);
    });

  describe("users with an email address", () => {
    test("log in as documented, and use their token any number of times", async () => {
      await withFred(["email"], async (client, id) => {
        for (const path of ["/api/auth", "/api/v1/auth"]) {
          const answer = await client.post(path, LOGIN);
          expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
          expect(answer.body).toEndWith("\r\n\r\n");
          const { token, ...rest } = JSON.parse(answer.body);
          expect({ status: answer.status, ...rest }).toEqual({
            status: 200,
            success: true,
            clientData: { id },
          });
          for (let use = 0; use < 10; use += 1) {
            const used = await client.post("/api", { ...JSON.parse(BATCH), token });
            expect(JSON.parse(used.body)).toMatchObject({ result: "PARTIAL_SUCCESS" });
          }
        }
      });
    });

    test("are the only ones: the documentation's token is none of ours", async () => {
      await withFred(["email"], async (client) => {
        expectPlain(await client.post("/api", BATCH), 401, NO_USER);
        expectPlain(await client.run([query()]), 401, NO_USER);
        expectPlain(await client.run([{ not: "a command" }]), 401, NO_USER);
        expectPlain(await client.get("/api/records"), 401, NO_USER);
        expectPlain(await client.get("/api/records/balance"), 401, NO_USER);
        const token = await client.token(JSON.parse(LOGIN));
        expect(await client.slot(emit("x"), token)).toEqual(DONE);
        const read = await client.get("/api/records", { Authorization: token });
        expect(read.status).toBe(200);
      });
    });

    test("with anything else than their password are refused in the same words", async () => {
      await withFred(["email"], async (client) => {
        for (const credentials of REFUSED) {
          const answer = await client.post("/api/auth", credentials);
          expectPlain(answer, 401, NO_LOGIN);
        }
      });
    });

    test("who are guessed at are protected by 429, with the seconds to wait", async () => {
      const guessing = async (client: DeepstreamClient) => {
        const guess = { ...FRED, type: "email", password: "guess" };
        const guesses = Array.from({ length: 30 }, () => client.post("/api/auth", guess));
        const answers = await Promise.all(guesses);
        const slowed = answers.filter(({ status }) => status === 429);
        expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
        expect(slowed).toHaveLength(25);
        for (const { headers, body } of slowed) {
          expect(headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
          expect(body).toMatch(/^[^\r\n]{10,200}\r\n\r\n$/);
        }
      };
      // None is given back while a slow machine looks at them.
      await withFred(["email"], guessing, { account_failures: 5, account_seconds: 86_400 });
    });

    test("stand beside open: who says nothing is let in, who says something wrong is not", async () => {
      await withFred(["open", "email"], async (client, id) => {
        expect(await client.slot(emit("x"))).toEqual(DONE);
        const open = await client.post("/api/auth", { username: "fred" });
        expect(JSON.parse(open.body)).toMatchObject({ success: true, clientData: {} });
        const fred = await client.post("/api/auth", LOGIN);
        expect(JSON.parse(fred.body)).toMatchObject({ success: true, clientData: { id } });
        const wrong = { ...FRED, password: "wrong" };
        expectPlain(await client.post("/api/auth", wrong), 401, NO_LOGIN);
        expectPlain(await client.run([query()], "no token of ours"), 401, NO_USER);
      });
    });

    test("sign up once, with a good address and password", async () => {
      await withFred(["email"], async (client) => {
        const signUp = (body: unknown) => client.post("/api/auth/signup", body);
        expect((await signUp(FRED)).status).toBe(409);
        expect((await signUp({ ...FRED, email: FRED.email.toUpperCase() })).status).toBe(409);
        const other = { email: "wilma@example.com", password: "y4b4d4b4d00" };
        for (const body of [{}, [], { email: other.email }, { ...other, password: 1 }]) {
          expectPlain(await signUp(body), 400, /password/);
        }
        expectPlain(await signUp({ ...other, email: "no address" }), 400, /address/);
        expectPlain(await signUp("{"), 400, /^Failed to parse body of request: /);
        const answer = await client.post("/api/v1/auth/signup", other);
        expect(answer.status).toBe(201);
        expect(JSON.parse(answer.body)).toEqual({ success: true, id: expect.any(String) });
      });
    });

    test("cannot sign up unless that is switched on", async () => {
      await withServer(open, { auth: ["email"] }, async (client) => {
        expect((await client.post("/api/auth/signup", FRED)).status).toBe(400);
        expectPlain(await client.post("/api/auth", FRED), 401, NO_LOGIN);
      });
    });

    test("with credentials in a request are who it is from, whatever its token", async () => {
      const settings = { auth: ["email"], auth_data: true, email: { sign_up: true } };
      await withServer(open, settings, async (client) => {
        expect((await client.post("/api/auth/signup", FRED)).status).toBe(201);
        const body = [write("of-fred", {}), remove("of-fred")];
        const send = (more: object) => client.post("/api", { ...more, body });
        expect((await send({ authData: FRED })).status).toBe(200);
        expect((await send({ authData: FRED, token: 5 })).status).toBe(200);
        expectPlain(await send({ authData: { ...FRED, password: "x" } }), 401, NO_USER);
        const token = await client.token(FRED);
        expectPlain(await send({ authData: {}, token }), 401, NO_USER);
        expect((await send({ authData: { token } })).status).toBe(200);
        const polluted = `{"authData":{"__proto__":${LOGIN}},"body":${JSON.stringify(body)}}`;
        expectPlain(await client.post("/api", polluted), 401, NO_USER);
        expectPlain(
          await send({ authData: [FRED] }),
          400,
          /"authData" parameter must be an object/,
        );
      });
    });
  });

  describe("no way to log in", () => {
    test("leaves only tokens that were made elsewhere", async () => {
      await withServer(open, { auth: [] }, async (client, { adminToken }) => {
        expectPlain(await client.run([query()]), 401, NO_USER);
        expectPlain(await client.post("/api/auth", {}), 401, NO_LOGIN);
        expectPlain(await client.post("/api/auth", LOGIN), 401, NO_LOGIN);
        // It is for topics, and says nothing of a user.
        expectPlain(await client.run([query()], adminToken), 401, NO_USER);
        expect((await client.get("/health-check")).status).toBe(200);
      });
    });
  });
}
