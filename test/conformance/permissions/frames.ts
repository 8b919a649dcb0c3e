// Who may do what over a connection, message by message, and what an unmodified client is told.

import { expect, test } from "bun:test";
import {
  EVENT_ACTION,
  PRESENCE_ACTION,
  RECORD_ACTION,
  RPC_ACTION,
} from "@deepstream/protobuf/dist/types/all";
import { until } from "../../support/until.ts";
import type { Clients } from "../deepstream-ws/clients.ts";
import { acknowledged } from "../deepstream-ws/events.ts";
import { type Row, WireClient } from "../deepstream-ws/wire-client.ts";
import type { Target } from "../target.ts";

const A = { username: "A", password: "pw" };
const ADMIN = { username: "admin", password: "pw" };
const ACK = { correlationId: "1", isWriteAck: true };

/** What A sends, and the name of what comes back with its members, in order. */
const MESSAGES: readonly [string, Row, readonly Row[]][] = [
  [
    "emitting",
    ["EVENT EMIT", { name: "forbidden/e", data: "1" }],
    [denial("EVENT", 2, "forbidden/e")],
  ],
  [
    "emitting by a rule that fails",
    ["EVENT EMIT", { name: "boom" }],
    [failure("EVENT", 103, 2, "boom")],
  ],
  [
    "subscribing to events, of which some may be",
    ["EVENT SUBSCRIBE", { names: ["forbidden/e", "free", "a-to-b/x"], correlationId: "1" }],
    [
      denial("EVENT", 3, "forbidden/e", { correlationId: "1" }),
      denial("EVENT", 3, "a-to-b/x", { correlationId: "1" }),
      ["EVENT SUBSCRIBE", { correlationId: "1", isAck: true }],
    ],
  ],
  [
    "subscribing to an event by what another record holds",
    ["EVENT SUBSCRIBE", { names: ["gate/e"], correlationId: "1" }],
    [denial("EVENT", 3, "gate/e", { correlationId: "1" })],
  ],
  [
    "listening to events",
    ["EVENT LISTEN", { name: "forbidden/.*" }],
    [denial("EVENT", 5, "forbidden/.*")],
  ],
  [
    "listening to records",
    ["RECORD LISTEN", { name: "forbidden/.*" }],
    [denial("RECORD", 27, "forbidden/.*")],
  ],
  [
    "listening by a rule that fails",
    ["RECORD LISTEN", { name: "broken/.*" }],
    [failure("RECORD", 114, 27, "broken/.*")],
  ],
  ["reading", ["RECORD READ", { name: "forbidden/r" }], [denial("RECORD", 3, "forbidden/r")]],
  [
    "asking for a version",
    ["RECORD HEAD", { name: "forbidden/r" }],
    [denial("RECORD", 5, "forbidden/r")],
  ],
  [
    "asking for versions",
    ["RECORD HEAD_BULK", { names: ["forbidden/r", "free"], correlationId: "1" }],
    [
      denial("RECORD", 7, "forbidden/r", { correlationId: "1" }),
      ["RECORD HEAD_RESPONSE", { name: "free", version: -1 }],
    ],
  ],
  [
    "subscribing to records, of which some may be",
    [
      "RECORD SUBSCRIBECREATEANDREAD",
      { names: ["forbidden/r", "readonly/new", "made"], correlationId: "1" },
    ],
    [
      denial("RECORD", 23, "forbidden/r", { correlationId: "1" }),
      denial("RECORD", 23, "readonly/new", { correlationId: "1" }),
      ["RECORD SUBSCRIBECREATEANDREAD", { correlationId: "1", isAck: true }],
      ["RECORD READ_RESPONSE", { name: "made", version: 0, data: "{}" }],
    ],
  ],
  [
    "subscribing to what is another's",
    ["RECORD SUBSCRIBEANDREAD", { names: ["mine/wire"], correlationId: "1" }],
    [denial("RECORD", 22, "mine/wire", { correlationId: "1" })],
  ],
  [
    "writing",
    ["RECORD CREATEANDUPDATE", { name: "forbidden/r", version: -1, data: "{}", ...ACK }],
    [denial("RECORD", 16, "forbidden/r", ACK)],
  ],
  [
    "updating",
    ["RECORD UPDATE", { name: "readonly/wire", version: 2, data: "{}", ...ACK }],
    [denial("RECORD", 18, "readonly/wire", ACK)],
  ],
  [
    "writing at a path",
    ["RECORD PATCH", { name: "numbers/wire", version: 2, path: "n", data: "10", ...ACK }],
    [denial("RECORD", 19, "numbers/wire", ACK)],
  ],
  [
    "writing at several paths",
    [
      "RECORD PATCH_MULTI",
      { name: "numbers/wire", version: 2, data: '[{"path":"n","data":10}]', ...ACK },
    ],
    [denial("RECORD", 35, "numbers/wire", ACK)],
  ],
  [
    "erasing, which is deleting",
    ["RECORD ERASE", { name: "kept/wire", version: 2, path: "a", ...ACK }],
    [denial("RECORD", 20, "kept/wire", ACK)],
  ],
  [
    "erasing one of several",
    [
      "RECORD PATCH_MULTI",
      { name: "kept/wire", version: 2, data: '[{"path":"b","data":1},{"path":"a"}]', ...ACK },
    ],
    [denial("RECORD", 35, "kept/wire", ACK)],
  ],
  ["deleting", ["RECORD DELETE", { name: "kept/wire" }], [denial("RECORD", 9, "kept/wire")]],
  [
    "notices, each for itself",
    ["RECORD NOTIFY", { names: ["forbidden/r", "free"], correlationId: "1" }],
    [
      denial("RECORD", 2, "forbidden/r", { correlationId: "1" }),
      ["RECORD NOTIFY", { names: ["forbidden/r", "free"], correlationId: "1", isAck: true }],
    ],
  ],
  [
    "providing",
    ["RPC PROVIDE", { names: ["forbidden", "half/1"], correlationId: "1" }],
    [
      denial("RPC", 8, "forbidden", { correlationId: "1" }),
      denial("RPC", 8, "half/1", { correlationId: "1" }),
    ],
  ],
  [
    "calling",
    ["RPC REQUEST", { name: "half/1", correlationId: "1", data: '{"half":3}' }],
    [denial("RPC", 2, "half/1", { correlationId: "1" })],
  ],
  [
    "calling by a rule that fails",
    ["RPC REQUEST", { name: "broken", correlationId: "1", data: "{}" }],
    [failure("RPC", 106, 2, "broken", { correlationId: "1" })],
  ],
  ["who is there", ["PRESENCE QUERY_ALL"], [denial("PRESENCE", 2)]],
  [
    "whether others are there",
    ["PRESENCE QUERY", { names: ["A", "B"], correlationId: "1" }],
    [denial("PRESENCE", 4, undefined, { correlationId: "1" })],
  ],
  ["all who come and go", ["PRESENCE SUBSCRIBE_ALL"], [denial("PRESENCE", 12)]],
  [
    "some who come and go",
    ["PRESENCE SUBSCRIBE", { names: ["A", "B"], correlationId: "1" }],
    [
      denial("PRESENCE", 10, "B", { correlationId: "1" }),
      ["PRESENCE SUBSCRIBE", { correlationId: "1", isAck: true }],
    ],
  ],
];

export function framePermissions(clients: Clients, target: () => Target): void {
  test.each(MESSAGES)("%s", async (_, message, answers) => {
    const admin = await login(target().url, ADMIN);
    admin.send(
      ["RECORD CREATEANDUPDATE", { name: "gate", version: -1, data: '{"open":false}', ...ACK }],
      ["RECORD CREATEANDUPDATE", { name: "mine/wire", version: -1, data: '{"of":"B"}', ...ACK }],
      ["RECORD CREATEANDUPDATE", { name: "readonly/wire", version: -1, data: "{}", ...ACK }],
      ["RECORD CREATEANDUPDATE", { name: "kept/wire", version: -1, data: '{"a":1}', ...ACK }],
      ["RECORD CREATEANDUPDATE", { name: "numbers/wire", version: -1, data: '{"n":1}', ...ACK }],
    );
    expect((await admin.take(5)).map(([name]) => name)).toEqual(
      Array(5).fill("RECORD WRITE_ACKNOWLEDGEMENT"),
    );
    admin.close();
    const client = await login(target().url, A);
    client.send(message);
    expect(await client.take(answers.length)).toEqual(
      answers.map(([name, members]) => (members === undefined ? [name] : [name, members])),
    );
    expect(await client.settled()).toEqual([]);
    client.close();
  });

  test("a message that waits for its rule keeps those behind it in order", async () => {
    const admin = await login(target().url, ADMIN);
    const client = await login(target().url, A);
    admin.send([
      "RECORD CREATEANDUPDATE",
      { name: "gate", version: -1, data: '{"open":true}', ...ACK },
    ]);
    await admin.take(1);
    client.send(
      ["EVENT SUBSCRIBE", { names: ["gate/order"], correlationId: "1" }],
      ["EVENT UNSUBSCRIBE", { names: ["gate/order"], correlationId: "2" }],
      ["EVENT SUBSCRIBE", { names: ["gate/order"], correlationId: "3" }],
    );
    expect((await client.take(3)).map(([name, members]) => [name, members?.correlationId])).toEqual(
      [
        ["EVENT SUBSCRIBE", "1"],
        ["EVENT UNSUBSCRIBE", "2"],
        ["EVENT SUBSCRIBE", "3"],
      ],
    );
    admin.send(["EVENT EMIT", { name: "gate/order", data: "1" }]);
    expect(await client.take(1)).toEqual([["EVENT EMIT", { name: "gate/order", data: "1" }]]);
    for (const each of [admin, client]) each.close();
  });

  test.each<[string, string, readonly string[]]>([
    ["EVENT", "forbidden/r", ["EMIT", "SUBSCRIBE", "LISTEN"]],
    [
      ...(["RECORD", "forbidden/r"] as const),
      [
        ...["NOTIFY", "READ", "HEAD", "HEAD_BULK", "DELETE", "CREATEANDUPDATE", "CREATEANDPATCH"],
        ...["UPDATE", "PATCH", "ERASE", "SUBSCRIBEANDHEAD", "SUBSCRIBEANDREAD"],
        ...["SUBSCRIBECREATEANDREAD", "SUBSCRIBE", "LISTEN", "PATCH_MULTI"],
      ],
    ],
    ["RPC", "forbidden", ["REQUEST", "PROVIDE"]],
    ["PRESENCE", "B", ["QUERY_ALL", "QUERY", "SUBSCRIBE", "SUBSCRIBE_ALL"]],
  ])("of all there is to be said of %s, nothing reaches %s: %p", async (topic, name, denied) => {
    const client = await login(target().url, A);
    const data = '[{"path":"a","data":1}]';
    for (const action of actionsOf(topic)) {
      const members = { name, names: [name], correlationId: action, isWriteAck: true };
      client.send([`${topic} ${action}`, { ...members, version: 1, path: "a", data }]);
    }
    const isDenied = (action: string) =>
      client.received.some(
        ([answer, members]) =>
          answer === `${topic} MESSAGE_DENIED` && members?.correlationId === action,
      );
    await until("all of them are denied", () => denied.every(isDenied));
    const others = (await client.settled()).filter(
      ([answer]) => answer !== `${topic} MESSAGE_DENIED`,
    );
    const allowed =
      /^PARSER|UNSUBSCRIBE|UNLISTEN|UNPROVIDE|NOT_SUBSCRIBED|NOT_PROVIDED|INVALID_RPC/;
    expect(others.filter(([answer]) => !allowed.test(answer))).toEqual([]);
    client.close();
  });

  test.each(["RECORD", "EVENT"])(
    "whoever may listen to a pattern of %s is not told the names that he may not listen to",
    async (topic) => {
      const admin = await login(target().url, ADMIN);
      const client = await login(target().url, A);
      const names = ["hidden/l", "shown/l"];
      admin.send([`${topic} SUBSCRIBE`, { names, correlationId: "1" }]);
      await admin.take(1);
      const pattern = "^(hidden|shown)/l$";
      client.send([`${topic} LISTEN`, { name: pattern }]);
      expect(await client.take(2)).toEqual([
        [`${topic} SUBSCRIPTION_FOR_PATTERN_FOUND`, { name: pattern, subscription: "shown/l" }],
        [`${topic} LISTEN`, { name: pattern, isAck: true }],
      ]);
      // Nor can he take what he guesses.
      client.send(
        [`${topic} LISTEN_ACCEPT`, { name: pattern, subscription: "hidden/l" }],
        [`${topic} LISTEN_ACCEPT`, { name: pattern, subscription: "shown/l" }],
      );
      expect(await client.settled()).toEqual([
        [`${topic} SUBSCRIPTION_FOR_PATTERN_REMOVED`, { name: pattern, subscription: "hidden/l" }],
      ]);
      expect(await admin.settled()).toEqual(
        topic === "RECORD" ? [["RECORD SUBSCRIPTION_HAS_PROVIDER", { name: "shown/l" }]] : [],
      );
      for (const each of [admin, client]) each.close();
    },
  );

  test("what a rule for a name asks of other records is known before the name is offered", async () => {
    const admin = await login(target().url, ADMIN);
    const client = await login(target().url, A);
    const pattern = "^(gated|shown)/";
    for (const [open, offered] of [
      [false, ["shown/g"]],
      [true, ["gated/g", "shown/g"]],
    ] as const) {
      const gate = { name: "gate", version: -1, data: JSON.stringify({ open }) };
      admin.send(["RECORD CREATEANDUPDATE", { ...gate, ...ACK }]);
      await admin.take(1);
      client.send(["RECORD LISTEN", { name: pattern }]);
      await client.until("RECORD LISTEN");
      admin.send(["RECORD SUBSCRIBE", { names: ["gated/g", "shown/g"], correlationId: "1" }]);
      const told = await client.take(1 + offered.length);
      expect(told.slice(1).map(([, members]) => members?.subscription)).toEqual(
        expect.arrayContaining([...offered]),
      );
      admin.send(["RECORD UNSUBSCRIBE", { names: ["gated/g", "shown/g"], correlationId: "2" }]);
      await admin.take(2);
      client.send(["RECORD UNLISTEN", { name: pattern }]);
      await client.until("RECORD UNLISTEN");
      const rest = (await client.settled()).map(([, members]) => members?.subscription);
      if (!open) expect(rest).not.toContain("gated/g");
    }
    for (const each of [admin, client]) each.close();
  });

  test("nobody is offered a record to whose subscriber it is denied", async () => {
    const provider = clients.connect();
    await provider.login(ADMIN as never);
    const offered: string[] = [];
    provider.record.listen(
      "^(forbidden|offered)/.*",
      (name: string, { accept }: { accept(): void }) => {
        offered.push(name);
        accept();
      },
    );
    await acknowledged(provider);
    const client = await login(target().url, A);
    client.send([
      "RECORD SUBSCRIBEANDREAD",
      { names: ["forbidden/offer", "offered/yes"], correlationId: "1" },
    ]);
    await until("the other is offered", () => offered.length > 0);
    expect(offered).toEqual(["offered/yes"]);
    client.close();
  });

  test("an unmodified client is told of what it may not, and goes on", async () => {
    const client = clients.connect();
    await client.login(A as never);
    const denied = (act: () => unknown) => Promise.try(act).then(JSON.stringify, String);
    expect(await denied(() => client.record.setDataWithAck("readonly/r", {}))).toContain(
      "MESSAGE_DENIED",
    );
    expect(await denied(() => client.record.snapshot("forbidden/r"))).toContain("MESSAGE_DENIED");
    expect(await denied(() => client.rpc.make("forbidden", 1))).toContain("MESSAGE_DENIED");
    expect(await denied(() => client.presence.getAll() as Promise<string[]>)).toContain(
      "MESSAGE_DENIED",
    );
    const record = client.record.getRecord("numbers/client");
    await record.whenReady();
    await record.setWithAck({ n: 1 });
    expect(await denied(() => record.setWithAck("n", 11))).toContain("MESSAGE_DENIED");
    // Its own copy keeps what it was denied; others never had it.
    const other = clients.connect();
    await other.login(ADMIN as never);
    expect(await other.record.snapshot("numbers/client")).toEqual({ n: 1 });
    expect(String(client.getConnectionState())).toBe("OPEN");
  });
}

/** All that the protocol has, also what only the server says. */
function actionsOf(topic: string): readonly string[] {
  const actions: Readonly<Record<string, object>> = {
    EVENT: EVENT_ACTION,
    RECORD: { ...RECORD_ACTION, PATCH_MULTI: 35 },
    RPC: RPC_ACTION,
    PRESENCE: PRESENCE_ACTION,
  };
  return Object.keys(actions[topic] ?? {}).filter((name) => Number.isNaN(Number(name)));
}

async function login(url: string, credentials: object): Promise<WireClient> {
  const client = await WireClient.open(url);
  client.send(["CONNECTION CHALLENGE", { url, protocolVersion: "0.1a" }]);
  client.send(["AUTH REQUEST", { data: JSON.stringify(credentials) }]);
  await client.until("AUTH AUTH_SUCCESSFUL");
  client.received.length = 0;
  return client;
}

function denial(topic: string, originalAction: number, name?: string, more: object = {}): Row {
  return refused(`${topic} MESSAGE_DENIED`, originalAction, name, more);
}

/** `_` is the number of the answer, for who reads the protocol. */
function failure(
  topic: string,
  _: number,
  originalAction: number,
  name: string,
  more: object = {},
): Row {
  return refused(`${topic} MESSAGE_PERMISSION_ERROR`, originalAction, name, more);
}

function refused(
  answer: string,
  originalAction: number,
  name: string | undefined,
  more: object,
): Row {
  return [answer, { originalAction, isError: true, ...(name !== undefined && { name }), ...more }];
}
