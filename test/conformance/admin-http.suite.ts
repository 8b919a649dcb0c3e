// The administration of users over HTTP, and what becomes of the users: black-box tests by address.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { holdToContract } from "../support/contract.ts";
import type { OpenWith, RestartableTarget } from "./target.ts";

interface Sent {
  readonly token?: string | undefined;
  readonly body?: unknown;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Record<string, unknown>;
}

const PASSWORD = "y4b4d4b4d00";

/** Opens one server whose users log in by email, and may sign up. */
export function adminHttpConformance(name: string, open: OpenWith): void {
  describe(`administration of users over HTTP, ${name}`, () => {
    let target: RestartableTarget;
    beforeAll(async () => {
      target = await open({ deepstream: { auth: ["email"], email: { sign_up: true } } });
    });
    afterAll(() => target.close());

    async function send(method: string, path: string, { token, body }: Sent = {}): Promise<Answer> {
      const answer = await fetch(target.url.replace(/\/$/, "") + path, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: token }),
          "content-type": "application/json",
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      const { status, headers } = answer;
      holdToContract(method, path, { status, headers, body: text });
      const json = text.trim().startsWith("{") ? JSON.parse(text) : { text };
      return { status: answer.status, headers: answer.headers, json };
    }
    const admin = (method: string, path: string, body?: unknown) =>
      send(method, path, { token: target.adminToken, body });
    const logIn = (email: string, password: string) =>
      send("POST", "/api/auth", { body: { type: "email", email, password } });
    const query = (token: unknown) =>
      send("POST", "/api", { body: { token, body: [{ topic: "presence", action: "query" }] } });

    /** An address that no other test uses. */
    async function addUser(more: object = {}): Promise<{ email: string; id: unknown }> {
      const email = `${crypto.randomUUID()}@example.com`;
      const { status, json } = await admin("POST", "/users", {
        email,
        password: PASSWORD,
        ...more,
      });
      expect(status).toBe(201);
      return { email, id: json.id };
    }

    test("a user who was added logs in, is told the client data with the id, and may send commands", async () => {
      const { email, id } = await addUser({
        client_data: { name: "Fred" },
        server_data: { role: "admin" },
      });
      const login = await logIn(email, PASSWORD);
      expect(login.status).toBe(200);
      expect(login.json).toMatchObject({ success: true, clientData: { name: "Fred", id } });
      expect(JSON.stringify(login.json)).not.toContain("role");
      expect((await query(login.json.token)).json).toMatchObject({ result: "SUCCESS" });
    });

    test("a wrong password and an unknown user get the same 401, and nobody gets in without", async () => {
      const { email } = await addUser();
      const wrong = await logIn(email, "wrong");
      const unknown = await logIn(`nobody-${email}`, PASSWORD);
      for (const { status, json } of [wrong, unknown]) {
        expect(status).toBe(401);
        expect(json).toEqual({ text: "Invalid authentication data.\r\n\r\n" });
      }
      const nobody = await send("POST", "/api", {
        body: { body: [{ topic: "presence", action: "query" }] },
      });
      expect(nobody.status).toBe(401);
    });

    test("another password ends the tokens that were given for the old one", async () => {
      const { email } = await addUser();
      const { token } = (await logIn(email, PASSWORD)).json;
      const path = `/users/${encodeURIComponent(email)}/password`;
      expect((await admin("PUT", path, { password: "another" })).status).toBe(204);
      expect((await query(token)).status).toBe(401);
      expect((await logIn(email, PASSWORD)).status).toBe(401);
      const again = await logIn(email, "another");
      expect((await query(again.json.token)).status).toBe(200);
    });

    test("a user who is removed is gone, with every token", async () => {
      const { email } = await addUser();
      const { token } = (await logIn(email, PASSWORD)).json;
      const path = `/users/${encodeURIComponent(email)}`;
      expect((await admin("DELETE", path)).status).toBe(204);
      expect((await query(token)).status).toBe(401);
      expect((await logIn(email, PASSWORD)).status).toBe(401);
      expect(await admin("DELETE", path)).toMatchObject({
        status: 404,
        json: { code: "user_not_found" },
      });
    });

    test("a list goes on after an address, and shows no password", async () => {
      const { email, id } = await addUser({ client_data: { n: 1 } });
      const before = `${email.slice(0, -4)}`;
      const { json } = await admin("GET", `/users?after=${encodeURIComponent(before)}&limit=1`);
      expect(json).toEqual({
        users: [{ email, id, client_data: { n: 1 }, created_at: expect.any(Number) }],
      });
      expect(JSON.stringify(json)).not.toContain("argon2");
    });

    test("whoever signs up is a user, once", async () => {
      const email = `${crypto.randomUUID()}@example.com`;
      const body = { email, password: PASSWORD };
      expect((await send("POST", "/api/auth/signup", { body })).status).toBe(201);
      expect((await logIn(email, PASSWORD)).status).toBe(200);
      expect((await send("POST", "/api/auth/signup", { body })).status).toBe(409);
    });

    test("the same address is one user, however it is written", async () => {
      const { email } = await addUser();
      const again = await admin("POST", "/users", {
        email: ` ${email.toUpperCase()} `,
        password: PASSWORD,
      });
      expect(again).toMatchObject({ status: 409, json: { code: "user_exists" } });
      expect((await logIn(email.toUpperCase(), PASSWORD)).status).toBe(200);
    });

    const refused: [string, string, string, unknown, number, string][] = [
      ["no address", "POST", "/users", { password: PASSWORD }, 400, "invalid_argument"],
      ["no password", "POST", "/users", { email: "a@b.example" }, 400, "invalid_argument"],
      [
        "an empty password",
        "POST",
        "/users",
        { email: "a@b.example", password: "" },
        400,
        "invalid_argument",
      ],
      [
        "what is no address",
        "POST",
        "/users",
        { email: "nobody", password: PASSWORD },
        400,
        "invalid_argument",
      ],
      [
        "an unknown member",
        "POST",
        "/users",
        { email: "a@b.example", password: PASSWORD, admin: true },
        400,
        "invalid_argument",
      ],
      ["a limit of 0", "GET", "/users?limit=0", undefined, 400, "invalid_argument"],
      [
        "a password for nobody",
        "PUT",
        "/users/nobody%40example.com/password",
        { password: PASSWORD },
        404,
        "user_not_found",
      ],
      ["to disconnect nobody", "DELETE", "/connections", undefined, 400, "invalid_argument"],
      ["a wrong method", "PATCH", "/users", {}, 404, "endpoint_not_found"],
      [
        "a wrong method of connections",
        "GET",
        "/connections?user=a",
        undefined,
        404,
        "endpoint_not_found",
      ],
      ["a wrong method of limits", "PUT", "/limits", {}, 404, "endpoint_not_found"],
      [
        "a wrong method of a user",
        "GET",
        "/users/a%40b.example",
        undefined,
        404,
        "endpoint_not_found",
      ],
      [
        "a wrong method of a password",
        "DELETE",
        "/users/a%40b.example/password",
        undefined,
        404,
        "endpoint_not_found",
      ],
    ];
    test.each(refused)("%s is refused", async (_, method, path, body, status, code) => {
      expect(await admin(method, path, body)).toMatchObject({ status, json: { status, code } });
    });

    test("the limits in force are shown as the settings are named, and nothing else is", async () => {
      const { status, json } = await admin("GET", "/limits");
      expect(status).toBe(200);
      expect(json).toMatchObject({
        topics: { message_bytes_max: 1_048_576, waiters_max: 100_000 },
        deepstream: { connection: { connections_max: 100_000 } },
        limits: { token_publishes_per_second: 0 },
      });
      const values = JSON.stringify(json).match(/(?<=:)[^{,}]+/g) ?? [];
      expect(values.filter((value) => !/^\d+$/.test(value))).toEqual([]);
      expect(json.http).not.toHaveProperty("port");
    });

    test("only an admin token may, and no page of another origin", async () => {
      const body = { email: "intruder@example.com", password: PASSWORD };
      expect((await send("POST", "/users", { body })).status).toBe(401);
      const { email } = await addUser();
      const token = String((await logIn(email, PASSWORD)).json.token);
      for (const [method, path] of [
        ["GET", "/users"],
        ["POST", "/users"],
        ["DELETE", `/users/${encodeURIComponent(email)}`],
        ["DELETE", "/connections?user=a"],
        ["GET", "/limits"],
      ] as const) {
        const answer = await send(method, path, { token, ...(method === "POST" && { body }) });
        expect(answer.status).toBe(403);
        expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      }
      expect((await logIn("intruder@example.com", PASSWORD)).status).toBe(401);
    });

    test("users, their passwords and their tokens outlast a restart", async () => {
      const { email } = await addUser();
      const { token } = (await logIn(email, PASSWORD)).json;
      target = await target.restart();
      expect((await query(token)).status).toBe(200);
      expect((await logIn(email, PASSWORD)).status).toBe(200);
    });
  });
}
