// What the server answers to single messages, made by hand: those of the client and those of nobody's client.

import { describe, expect, test } from "bun:test";
import { rawHttp, rawRequest } from "../../support/raw-http.ts";
import type { Target } from "../target.ts";
import { frame, type Row, WireClient } from "./wire-client.ts";

const PATHS = ["/deepstream", "/deepstream-json", "/deepstream?a=b", "/deepstream-json?a"];

interface Exchange {
  readonly title: string;
  readonly sent: readonly Row[];
  readonly got: readonly Row[];
}

const AFTER_LOGIN: readonly Exchange[] = [
  {
    title: "a ping is answered",
    sent: [["CONNECTION PING"]],
    got: [["CONNECTION PONG"]],
  },
  {
    title: "another challenge is not expected",
    sent: [["CONNECTION CHALLENGE", { url: "x" }]],
    got: [["CONNECTION INVALID_MESSAGE", { isError: true }]],
  },
  {
    title: "another login is not expected",
    sent: [["AUTH REQUEST", { data: "{}" }]],
    got: [["AUTH INVALID_MESSAGE", { isError: true }]],
  },
  {
    title: "subscribing in bulk is acknowledged once",
    sent: [["EVENT SUBSCRIBE", { names: ["a", "b"], correlationId: "7" }]],
    got: [["EVENT SUBSCRIBE", { correlationId: "7", isAck: true }]],
  },
  {
    title: "subscribing by name is acknowledged by name",
    sent: [["EVENT SUBSCRIBE", { name: "a" }]],
    got: [["EVENT SUBSCRIBE", { name: "a", isAck: true }]],
  },
  {
    title: "subscribing twice is told of, and acknowledged",
    sent: [["EVENT SUBSCRIBE", { names: ["a", "a"], correlationId: "0" }]],
    got: [
      ["EVENT MULTIPLE_SUBSCRIPTIONS", { name: "a", originalAction: 3 }],
      ["EVENT SUBSCRIBE", { correlationId: "0", isAck: true }],
    ],
  },
  {
    title: "unsubscribing from what is not there is told of by name, not in bulk",
    sent: [
      ["EVENT UNSUBSCRIBE", { names: ["a", "b"], correlationId: "0" }],
      ["EVENT UNSUBSCRIBE", { name: "a" }],
    ],
    got: [
      ["EVENT UNSUBSCRIBE", { correlationId: "0", isAck: true }],
      ["EVENT NOT_SUBSCRIBED", { name: "a", originalAction: 4 }],
    ],
  },
  {
    title: "a bad name in bulk takes no other with it",
    sent: [["EVENT SUBSCRIBE", { names: ["a", "b\n", "c"], correlationId: "0" }]],
    got: [
      [
        "EVENT INVALID_MESSAGE_DATA",
        { name: "b\n", originalAction: 3, correlationId: "0", isError: true },
      ],
      ["EVENT SUBSCRIBE", { correlationId: "0", isAck: true }],
    ],
  },
  {
    title: "bulk of bad names alone is not acknowledged",
    sent: [["EVENT SUBSCRIBE", { names: ["\n"], correlationId: "0" }]],
    got: [
      [
        "EVENT INVALID_MESSAGE_DATA",
        { name: "\n", originalAction: 3, correlationId: "0", isError: true },
      ],
    ],
  },
  {
    title: "an event without a name",
    sent: [["EVENT EMIT", { data: "1" }]],
    got: [["EVENT INVALID_MESSAGE_DATA", { name: "", originalAction: 2, isError: true }]],
  },
  {
    title: "data that is no JSON, or none that others could read",
    sent: [
      "",
      "{",
      "undefined",
      '"\\ud800"',
      '{"__proto__":1}',
      "[".repeat(101) + "]".repeat(101),
    ].map((data): Row => ["EVENT EMIT", { name: "a", data }]),
    got: Array.from(
      { length: 6 },
      (): Row => ["EVENT INVALID_MESSAGE_DATA", { name: "a", originalAction: 2, isError: true }],
    ),
  },
  {
    title: "providing twice, and giving back what was not provided",
    sent: [
      ["RPC PROVIDE", { names: ["f", "f"], correlationId: "0" }],
      ["RPC UNPROVIDE", { names: ["f", "g"], correlationId: "1" }],
      ["RPC UNPROVIDE", { name: "f" }],
    ],
    got: [
      ["RPC MULTIPLE_PROVIDERS", { name: "f", originalAction: 8 }],
      ["RPC PROVIDE", { correlationId: "0", isAck: true }],
      ["RPC UNPROVIDE", { correlationId: "1", isAck: true }],
      ["RPC NOT_PROVIDED", { name: "f", originalAction: 9 }],
    ],
  },
  {
    title: "answers to calls that there are not",
    sent: (["ACCEPT", "REJECT", "RESPONSE", "REQUEST_ERROR"] as const).map(
      (action): Row => [`RPC ${action}`, { name: "f", correlationId: "no" }],
    ),
    got: [4, 6, 5, 7].map(
      (originalAction): Row => [
        "RPC INVALID_RPC_CORRELATION_ID",
        { name: "f", correlationId: "no", originalAction },
      ],
    ),
  },
  {
    title: "a call without an id, or with one that is too long",
    sent: [
      ["RPC REQUEST", { name: "f" }],
      ["RPC REQUEST", { name: "f", correlationId: "x".repeat(257) }],
    ],
    got: [
      ["RPC INVALID_RPC_CORRELATION_ID", { name: "f", originalAction: 2 }],
      [
        "RPC INVALID_RPC_CORRELATION_ID",
        { name: "f", correlationId: "x".repeat(257), originalAction: 2 },
      ],
    ],
  },
  {
    title: "a call with data that is no JSON fails, so that nobody waits for it",
    sent: [["RPC REQUEST", { name: "f", correlationId: "c", data: "{" }]],
    got: [
      [
        "RPC REQUEST_ERROR",
        { name: "f", correlationId: "c", data: '"The data is not valid JSON."' },
      ],
    ],
  },
  {
    title: "asking for nobody",
    sent: [["PRESENCE QUERY", { names: [], correlationId: "0" }]],
    got: [["PRESENCE QUERY_RESPONSE", { correlationId: "0", data: "{}" }]],
  },
  {
    title: "users by names that mean something else to an object",
    sent: [["PRESENCE QUERY", { names: ["__proto__", "toString"], correlationId: "0" }]],
    got: [
      [
        "PRESENCE QUERY_RESPONSE",
        { correlationId: "0", data: '{"__proto__":false,"toString":false}' },
      ],
    ],
  },
  {
    title: "watching all users twice, and no longer twice",
    sent: [
      ["PRESENCE SUBSCRIBE_ALL"],
      ["PRESENCE SUBSCRIBE_ALL"],
      ["PRESENCE UNSUBSCRIBE_ALL"],
      ["PRESENCE UNSUBSCRIBE_ALL"],
    ],
    got: [
      ["PRESENCE SUBSCRIBE_ALL", { isAck: true }],
      ["PRESENCE MULTIPLE_SUBSCRIPTIONS", { originalAction: 12 }],
      ["PRESENCE UNSUBSCRIBE_ALL", { isAck: true }],
      ["PRESENCE NOT_SUBSCRIBED", { originalAction: 13 }],
    ],
  },
  {
    title: "watching what cannot be a user",
    sent: [["PRESENCE SUBSCRIBE", { names: ["*", "bob"], correlationId: "0" }]],
    got: [
      [
        "PRESENCE INVALID_PRESENCE_USERS",
        { name: "*", originalAction: 10, correlationId: "0", isError: true },
      ],
      ["PRESENCE SUBSCRIBE", { correlationId: "0", isAck: true }],
    ],
  },
  {
    title: "actions that there are not, or that are the server's",
    sent: [
      ["EVENT EMIT", { action: 99 }],
      ["EVENT SUBSCRIPTION_FOR_PATTERN_FOUND"],
      ["RPC NO_RPC_PROVIDER"],
      ["PRESENCE PRESENCE_JOIN", { name: "x" }],
      ["CONNECTION ACCEPT"],
    ],
    got: [
      ["PARSER UNKNOWN_ACTION", { originalTOPIC: 4, originalAction: 99 }],
      ["PARSER UNKNOWN_ACTION", { originalTOPIC: 4, originalAction: 11 }],
      ["PARSER UNKNOWN_ACTION", { originalTOPIC: 6, originalAction: 100 }],
      ["PARSER UNKNOWN_ACTION", { originalTOPIC: 7, originalAction: 6 }],
      ["CONNECTION INVALID_MESSAGE", { isError: true }],
    ],
  },
];

const BEFORE_LOGIN: readonly Exchange[] = [
  {
    title: "a ping is not answered, and whatever else is no challenge is refused",
    sent: [
      ["CONNECTION PING"],
      ["AUTH REQUEST", { data: "{}" }],
      ["EVENT EMIT", { name: "a" }],
      ["CONNECTION ACCEPT"],
    ],
    got: Array.from({ length: 3 }, (): Row => ["CONNECTION INVALID_MESSAGE", { isError: true }]),
  },
  {
    title: "after the challenge only a login is expected",
    sent: [
      ["CONNECTION CHALLENGE", { url: "x" }],
      ["CONNECTION PING"],
      ["EVENT EMIT", { name: "a" }],
      ["AUTH AUTH_SUCCESSFUL"],
      ["CONNECTION CHALLENGE", { url: "x" }],
    ],
    got: [
      ["CONNECTION ACCEPT"],
      ["AUTH INVALID_MESSAGE", { isError: true }],
      ["AUTH INVALID_MESSAGE", { isError: true }],
      ["CONNECTION INVALID_MESSAGE", { isError: true }],
    ],
  },
];

/** Frames that are no message. */
const MALFORMED: readonly [string, Uint8Array<ArrayBuffer> | string][] = [
  ["nothing", new Uint8Array()],
  ["text", "hello"],
  ["JSON", '{"topic":4,"action":2,"name":"a"}'],
  ["zeros", new Uint8Array(100)],
  ["ones", new Uint8Array(100).fill(255)],
  ["a message cut short", frame(["EVENT EMIT", { name: "abcdef" }]).slice(0, -3)],
  ["a message without its length", frame(["EVENT EMIT", { name: "abcdef" }]).slice(1)],
  ["a length alone", new Uint8Array([200, 200, 3])],
  ["groups in groups", new Uint8Array([100, 0x10, 4, 0x1a, 96, ...new Uint8Array(96).fill(0x63)])],
];

const MALFORMED_JSON: readonly [string, Uint8Array<ArrayBuffer> | string][] = [
  ["nothing", ""],
  ["no JSON", "{"],
  ["a text", '"x"'],
  ["null", "null"],
  ["an array", "[]"],
  ["no topic", '{"action":2}'],
  ["a topic by name", '{"topic":"EVENT","action":2}'],
  ["an action that is no number", '{"topic":4,"action":null}'],
  ["a name that is none", '{"topic":4,"action":2,"name":1}'],
  ["names that are none", '{"topic":4,"action":3,"names":[1],"correlationId":"0"}'],
  ["names that are no list", '{"topic":4,"action":3,"names":"a","correlationId":"0"}'],
  ["data that is no text", '{"topic":4,"action":2,"name":"a","data":{}}'],
  ["a flag that is none", '{"topic":4,"action":2,"name":"a","isAck":1}'],
  ["a version that is none", '{"topic":5,"action":18,"name":"a","version":1.5}'],
  ["bytes", frame(["CONNECTION PING"])],
];

export function frames(target: () => Target): void {
  describe.each(PATHS)("frames at %s", (path) => {
    test.each(AFTER_LOGIN.map((exchange) => [exchange.title, exchange] as const))(
      "%s",
      async (_, { sent, got }) => {
        const client = await WireClient.login(target().url, undefined, path);
        client.send(...sent);
        expect(await client.take(got.length)).toEqual([...got]);
        expect(await client.settled()).toEqual([]);
        client.close();
      },
    );

    test.each(BEFORE_LOGIN.map((exchange) => [exchange.title, exchange] as const))(
      "before the login: %s",
      async (_, { sent, got }) => {
        const client = await WireClient.open(target().url, path);
        client.send(...sent);
        expect(await client.take(got.length)).toEqual([...got]);
        client.close();
      },
    );

    test("frames that are no message are answered so, and the connection goes on", async () => {
      const client = await WireClient.login(target().url, undefined, path);
      for (const [what, data] of path.includes("json") ? MALFORMED_JSON : MALFORMED) {
        client.sendRaw(data);
        expect([what, await client.settled()]).toEqual([what, [["PARSER MESSAGE_PARSE_ERROR"]]]);
      }
      client.close();
    });

    test("topics that no client may speak about are unknown", async () => {
      const client = await WireClient.login(target().url, undefined, path);
      for (const topic of [1, 8, 9, 12, 1000]) {
        client.sendRaw(
          path.includes("json")
            ? JSON.stringify({ topic, action: 2 })
            : new Uint8Array(topic < 128 ? [4, 0x10, topic, 0x1a, 0] : [5, 0x10, 0xe8, 7, 0x1a, 0]),
        );
        expect(await client.settled()).toEqual([
          ["PARSER UNKNOWN_TOPIC", { originalTOPIC: topic }],
        ]);
      }
      client.close();
    });

    test("a message that is too long is refused, one that is much too long ends the connection", async () => {
      const client = await WireClient.login(target().url, undefined, path);
      const other = await WireClient.login(target().url, undefined, path);
      client.send(["EVENT EMIT", { name: "a", data: `"${"x".repeat(1_048_576)}"` }]);
      expect(await client.settled()).toEqual([["PARSER MAXIMUM_MESSAGE_SIZE_EXCEEDED"]]);
      client.send(["EVENT EMIT", { name: "a", data: `"${"x".repeat(1_000_000)}"` }]);
      expect(await client.settled()).toEqual([]);
      client.send(["EVENT EMIT", { name: "a", data: `"${"x".repeat(2_100_000)}"` }]);
      expect(await client.closed()).toMatchObject({ code: 1009 });
      expect(await other.settled()).toEqual([]);
      other.close();
    });

    test("closing is answered", async () => {
      const client = await WireClient.login(target().url, undefined, path);
      client.send(["CONNECTION CLOSING"]);
      expect(await client.closed()).toMatchObject({ code: 1000 });
      expect(client.received).toEqual([["CONNECTION CLOSED"]]);
    });

    test("credentials that are no object end the connection", async () => {
      for (const data of [undefined, "", "1", "[]", "null", "{"]) {
        const client = await WireClient.open(target().url, path);
        client.send(["CONNECTION CHALLENGE", { url: "x" }], ["AUTH REQUEST", { data }]);
        await client.closed();
        expect(client.received).toEqual([
          ["CONNECTION ACCEPT"],
          ["AUTH INVALID_MESSAGE_DATA", { isError: true }],
        ]);
      }
    });

    test("a stranger's message may be 64 KiB", async () => {
      const client = await WireClient.open(target().url, path);
      const data = JSON.stringify({ password: "x".repeat(65_536) });
      client.send(["CONNECTION CHALLENGE", { url: "x" }], ["AUTH REQUEST", { data }]);
      expect(await client.take(2)).toEqual([
        ["CONNECTION ACCEPT"],
        ["PARSER MAXIMUM_MESSAGE_SIZE_EXCEEDED"],
      ]);
      client.close();
    });

    test("without a WebSocket there is nothing to have", async () => {
      // Byte by byte, because HTTP/2 has no header for it.
      const answer = await rawHttp(target().url, rawRequest(`GET ${path}`));
      if (answer === "closed") throw new Error("the server hung up");
      expect([answer.status, answer.headers.get("upgrade")]).toEqual([426, "websocket"]);
    });
  });

  test("a provider is told of a second accept, and of an answer to what is over", async () => {
    const { url } = target();
    const provider = await WireClient.login(url, "p");
    const caller = await WireClient.login(url, "c");
    provider.send(["RPC PROVIDE", { names: ["twice"], correlationId: "0" }]);
    await provider.take(1);
    caller.send(["RPC REQUEST", { name: "twice", correlationId: "mine", data: "[1]" }]);
    const [[, request = {}] = []] = await provider.take(1);
    expect(request).toEqual({ name: "twice", correlationId: expect.any(String), data: "[1]" });
    const { correlationId } = request;
    const about = { name: "twice", correlationId };
    provider.send(
      ["RPC ACCEPT", about],
      ["RPC ACCEPT", about],
      ["RPC RESPONSE", { ...about, data: "{" }],
      ["RPC UNPROVIDE", { names: ["twice"], correlationId: "1" }],
      ["RPC RESPONSE", { ...about, data: "2" }],
      ["RPC RESPONSE", { ...about, data: "3" }],
    );
    expect(await provider.take(4)).toEqual([
      ["RPC MULTIPLE_ACCEPT", { ...about, originalAction: 4 }],
      ["RPC INVALID_MESSAGE_DATA", { ...about, originalAction: 5, isError: true }],
      ["RPC UNPROVIDE", { correlationId: "1", isAck: true }],
      ["RPC INVALID_RPC_CORRELATION_ID", { ...about, originalAction: 5 }],
    ]);
    expect(await caller.take(2)).toEqual([
      ["RPC ACCEPT", { name: "twice", correlationId: "mine" }],
      ["RPC RESPONSE", { name: "twice", correlationId: "mine", data: "2" }],
    ]);
    provider.close();
    caller.close();
  });

  test("whatever bytes come, only their sender has the trouble", async () => {
    const { url } = target();
    const good = await WireClient.login(url, "good");
    const bad = await WireClient.login(url, "bad");
    const start = frame(["EVENT SUBSCRIBE", { names: ["a", "b"], correlationId: "0" }]);
    for (let round = 0; round < 2000; round += 1) {
      const bytes = start.slice();
      bytes[round % bytes.length] = (round * 7919) % 256;
      bytes[(round * 31) % bytes.length] = (round * 104_729) % 256;
      bad.sendRaw(bytes);
    }
    await bad.settled();
    expect(await good.settled()).toEqual([]);
    good.close();
    bad.close();
  });
}
