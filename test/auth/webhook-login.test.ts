// Asking a webhook, which may answer anything, late, too much, or not at all.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server as TcpServer } from "node:net";
import { WebhookLogin, type WebhookOptions } from "../../src/auth/webhook-login.ts";
import type { Caller, Credentials } from "../../src/core/access/login.ts";
import { systemClock } from "../../src/server/system-clock.ts";
import { refusal } from "../support/refusal.ts";

type Answer = (request: Request) => Response | Promise<Response>;

const CALLER: Caller = {
  address: "192.0.2.1",
  headers: { "user-agent": "curl", cookie: "a=b" },
  url: "/api/auth",
};
const SECRET = { type: "webhook", key: "s3cret", headerKey: "also s3cret" };

const NEVER = new Promise<Response>(() => {});

let answer: Answer = () => new Response("{}");
let asked: { headers: Headers; body: unknown; method: string }[] = [];
let server: Bun.Server<undefined>;

beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { headers, method } = request;
      asked.push({ headers, method, body: await request.json() });
      return await answer(request);
    },
  });
});
afterAll(() => server.stop(true));

describe("what is asked", () => {
  test("is a POST of where the login comes from and what it brings", async () => {
    await ask(() => Response.json({ id: "alice" }));
    expect(asked).toMatchObject([
      {
        method: "POST",
        body: {
          connectionData: {
            remoteAddress: "192.0.2.1",
            headers: { "user-agent": "curl", cookie: "a=b" },
            url: "/api/auth",
          },
          authData: SECRET,
        },
      },
    ]);
    expect(asked[0]?.headers.get("content-type")).toBe("application/json");
  });

  const promotions: [string, Credentials, string | null][] = [
    ["text", { key: "a b" }, "a b"],
    ["nothing when it is missing", {}, null],
    ["no number", { key: 5 }, null],
    ["no empty text", { key: "" }, null],
    ["no line end", { key: "a\r\nx-admin: 1" }, null],
    ["no character that a header cannot hold", { key: "日本" }, null],
  ];
  test.each(promotions)("is sent as a header too where set: %s", async (_, credentials, value) => {
    const options = { promoteToHeader: ["key", "__proto__", "constructor"] };
    await ask(() => Response.json({ id: "a" }), { credentials, options });
    expect(asked[0]?.headers.get("key")).toBe(value);
    expect(asked[0]?.headers.has("x-admin")).toBe(false);
    expect(asked[0]?.body).toMatchObject({ authData: credentials });
  });
});

describe("an answer that lets in", () => {
  const user = { clientData: undefined, serverData: undefined };
  const rows: [string, () => Response, object][] = [
    ["an id", () => Response.json({ id: "alice" }), { id: "alice" }],
    [
      "all there is",
      () => Response.json({ id: "a", token: "t", clientData: { x: 1 }, serverData: [2] }),
      { id: "a", token: "t", clientData: { x: 1 }, serverData: [2] },
    ],
    ["a member that nobody knows", () => Response.json({ id: "a", isValid: true }), { id: "a" }],
    [
      "members that are null",
      () => Response.json({ id: "a", token: null, clientData: null }),
      { id: "a" },
    ],
    ["no id", () => Response.json({ serverData: 1 }), { id: "open", serverData: 1 }],
    ["nothing", () => new Response(""), { id: "open" }],
    [
      "status 204, when that is permitted",
      () => new Response(null, { status: 204 }),
      { id: "open" },
    ],
    ["a string", () => Response.json("alice"), { id: "alice" }],
    ["plain text", () => text("alice\n", "text/plain;charset=utf-8"), { id: "alice" }],
    ["JSON without a content type", () => text('{"id": "alice"}'), { id: "alice" }],
    ["gzip", () => gzipped('{"id": "alice"}'), { id: "alice" }],
  ];
  test.each(rows)("%s", async (_, reply, expected) => {
    const { token, ...whose } = { token: undefined, ...expected };
    expect(await ask(reply, { options: { permittedStatusCodes: [200, 204] } })).toEqual({
      kind: "accepted",
      user: { ...user, ...whose } as never,
      token: token as never,
    });
  });
});

describe("an answer that refuses", () => {
  test.each([400, 401, 403, 404, 422])("status %d", async (status) => {
    expect(await ask(() => Response.json({ id: "alice" }, { status }))).toEqual({
      kind: "refused",
    });
    expect(asked).toHaveLength(1);
  });

  test("status 200, when only another is permitted", async () => {
    const options = { permittedStatusCodes: [201] };
    const error = await refusal(() => ask(() => Response.json({ id: "alice" }), { options }));
    expect(error.code).toBe("identity_provider_unavailable");
  });
});

describe("an answer that cannot be used", () => {
  const rows: [string, () => Response, RegExp][] = [
    ["status 500", () => new Response("{}", { status: 500 }), /status 500/],
    ["a redirect", () => Response.redirect(`http://127.0.0.1:${server.port}/other`), /status 302/],
    ["HTML", () => text("<html>login</html>", "text/html"), /neither JSON nor plain/],
    ["half a JSON", () => text('{"id": "ali', "application/json"), /neither JSON nor plain/],
    ["a number", () => Response.json(5), /object nor a string/],
    ["null", () => Response.json(null), /object nor a string/],
    ["a list", () => Response.json(["alice"]), /object nor a string/],
    ["an id that is a number", () => Response.json({ id: 5 }), /the id/],
    ["an id that is an object", () => Response.json({ id: { a: 1 } }), /the id/],
    ["an empty id", () => Response.json({ id: "" }), /the id/],
    ["an id too long", () => Response.json({ id: "x".repeat(251) }), /the id/],
    ["the id __proto__", () => Response.json({ id: "__proto__" }), /the id/],
    ["a token that is a number", () => Response.json({ id: "a", token: 5 }), /the token/],
    ["an empty token", () => Response.json({ id: "a", token: "" }), /the token/],
    ["a token too long", () => Response.json({ id: "a", token: "x".repeat(16_385) }), /the token/],
    ["data too large", () => Response.json({ id: "a", clientData: "x".repeat(8192) }), /8192/],
    ["__proto__ in data", () => text('{"id":"a","serverData":{"__proto__":{}}}'), /__proto__/],
    ["more than 1 MiB", () => text(`{"id": "${"x".repeat(1_100_000)}"}`), /larger than 1048576/],
    ["more than 1 MiB, gzipped", () => gzipped(" ".repeat(1_100_000)), /larger than 1048576/],
    ["an endless one", endless, /larger than 1048576/],
  ];
  test.each(rows)("%s", async (_, reply, why) => {
    const troubles: string[] = [];
    const error = await refusal(() => ask(reply, { onTrouble: (text) => troubles.push(text) }));
    expect(error.code).toBe("identity_provider_unavailable");
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toMatch(why);
    expect(troubles[0] + error.message).not.toMatch(/s3cret|127\.0\.0\.1/);
    expect(asked).toHaveLength(1);
  });

  test("an id called __proto__ as a member is no id", async () => {
    const result = await ask(() => text('{"__proto__": {"id": "root"}}'));
    expect(result).toMatchObject({ user: { id: "open" } });
  });
});

describe("no answer", () => {
  const quick = { timeoutMs: 40 };

  test("in time is unavailable", async () => {
    const error = await refusal(() => ask(() => NEVER, { options: quick }));
    expect(error.code).toBe("identity_provider_unavailable");
  });

  test("whose body stops in the middle is unavailable", async () => {
    const error = await refusal(() => ask(stalling, { options: quick }));
    expect(error.code).toBe("identity_provider_unavailable");
  });

  test("where nobody listens is unavailable, and says nothing of the URL", async () => {
    const troubles: string[] = [];
    const url = "http://user:s3cret@127.0.0.1:1/?key=s3cret";
    const login = openWith({ url }, (why) => troubles.push(why));
    const error = await refusal(() => login.login(SECRET, CALLER));
    expect(error.code).toBe("identity_provider_unavailable");
    expect(JSON.stringify([troubles, error.message, error.cause])).not.toContain("s3cret");
  });

  test("but garbage, or a connection that is cut, is unavailable", async () => {
    for (const bytes of ["garbage\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", ""]) {
      const { url, stop } = await tcp(bytes);
      const error = await refusal(() => openWith({ url }).login(SECRET, CALLER));
      expect(error.code).toBe("identity_provider_unavailable");
      await stop();
    }
  });
});

describe("asking again", () => {
  const again = { retryAttempts: 2, retryIntervalMs: 1, retryStatusCodes: [404, 504] };
  const replies = (...statuses: number[]): Answer => {
    return () => Response.json({ id: "alice" }, { status: statuses[asked.length - 1] ?? 599 });
  };
  const rows: [string, Answer, number, string][] = [
    ["not when it is let in", replies(200), 1, "accepted"],
    ["not when it is refused", replies(401), 1, "refused"],
    ["not when it fails otherwise", replies(500), 1, "identity_provider_unavailable"],
    ["until it is let in", replies(404, 504, 200), 3, "accepted"],
    ["until it is refused", replies(504, 403), 2, "refused"],
    ["as often as set, the last word a refusal", replies(404, 404, 404), 3, "refused"],
    ["as often as set", replies(504, 504, 504), 3, "identity_provider_unavailable"],
  ];
  test.each(rows)("%s", async (_, reply, times, expected) => {
    const result = ask(reply, { options: again }).then(
      ({ kind }) => kind,
      ({ code }) => code,
    );
    expect(await result).toBe(expected);
    expect(asked).toHaveLength(times);
  });

  test("when no answer came in time", async () => {
    const late: Answer = () => (asked.length === 1 ? NEVER : Response.json({ id: "alice" }));
    // A slow machine may need more attempts.
    const result = await ask(late, { options: { ...again, retryAttempts: 100, timeoutMs: 40 } });
    expect(result).toMatchObject({ user: { id: "alice" } });
    expect(asked.length).toBeGreaterThan(1);
  });
});

test("trouble is told once, again when it is another, and when it is over", async () => {
  const told: string[] = [];
  const login = openWith(
    {},
    (why) => told.push(why),
    () => told.push("over"),
  );
  for (const status of [500, 500, 503, 401, 401, 500, 200, 200]) {
    answer = () => Response.json({ id: "a" }, { status });
    await login.login({}, CALLER).catch(() => {});
  }
  const [fails, overloaded] = [500, 503].map((status) => `it answered with status ${status}`);
  expect(told).toEqual([fails!, overloaded!, "over", fails!, "over"]);
});

test("so many are asked at once, so many wait, and the rest are refused", async () => {
  const held = Promise.withResolvers<void>();
  asked = [];
  answer = () => held.promise.then(() => Response.json({ id: "a" }));
  const login = openWith({});
  const logins = Array.from({ length: 600 }, () =>
    login.login({}, CALLER).catch(({ code }) => code),
  );
  const refused = await Promise.race(logins.slice(-1));
  expect(refused).toBe("limit_exceeded");
  held.resolve();
  const outcomes = await Promise.all(logins);
  expect(outcomes.filter((outcome) => outcome === "limit_exceeded")).toHaveLength(600 - 64 - 512);
  expect(asked).toHaveLength(64 + 512);
});

interface Asking {
  readonly credentials?: Credentials;
  readonly options?: Partial<WebhookOptions>;
  readonly onTrouble?: (why: string) => void;
}

function ask(reply: Answer, { credentials = SECRET, options = {}, onTrouble }: Asking = {}) {
  asked = [];
  answer = reply;
  return openWith(options, onTrouble).login(credentials, CALLER);
}

function openWith(
  options: Partial<WebhookOptions>,
  onTrouble: (why: string) => void = () => {},
  onRecovery = () => {},
): WebhookLogin {
  const defaults: WebhookOptions = {
    url: `http://127.0.0.1:${server.port}/`,
    timeoutMs: 60_000,
    permittedStatusCodes: [200],
    retryStatusCodes: [404, 504],
    retryAttempts: 0,
    retryIntervalMs: 1,
    promoteToHeader: [],
  };
  return new WebhookLogin({ ...defaults, ...options }, systemClock, onTrouble, onRecovery);
}

function text(body: string, type = ""): Response {
  return new Response(body, { headers: { "content-type": type } });
}

function gzipped(body: string): Response {
  return new Response(Bun.gzipSync(body), { headers: { "content-encoding": "gzip" } });
}

function endless(): Response {
  const chunk = new Uint8Array(65_536).fill(32);
  return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(chunk) }));
}

function stalling(): Response {
  return new Response(
    new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([123])) }),
  );
}

/** Answers everybody with these bytes and hangs up. */
async function tcp(bytes: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const listener: TcpServer = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(bytes));
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () => new Promise((resolve) => listener.close(() => resolve())),
  };
}
