// What the server answers to single messages about records, made by hand, and what others hear of them.

import { describe, expect, test } from "bun:test";
import { DeepstreamClient as HttpClient } from "../deepstream-http/client.ts";
import type { Target } from "../target.ts";
import { type Row, WireClient } from "./wire-client.ts";

const DATA = JSON.stringify({ a: 1, b: { c: [1, 2] } });
const WRITE_ACK = { correlationId: "1", isWriteAck: true };

export function recordFrames(target: () => Target): void {
  const login = (path?: string) => WireClient.login(target().url, undefined, path);

  describe.each(["/deepstream", "/deepstream-json"])("records by frames at %s", (path) => {
    test("subscribing makes the record, and acknowledges before it reads", async () => {
      const client = await login(path);
      const name = fresh();
      client.send(["RECORD SUBSCRIBECREATEANDREAD", { names: [name], correlationId: "0" }]);
      expect(await client.take(2)).toEqual([
        ["RECORD SUBSCRIBECREATEANDREAD", { correlationId: "0", isAck: true }],
        ["RECORD READ_RESPONSE", { name, version: 0, data: "{}" }],
      ]);
      client.close();
    });

    test("what is written reaches the other subscribers as it was said, and its sender as an answer", async () => {
      const [writer, reader] = [await login(path), await login(path)];
      const name = fresh();
      await subscribed(writer, name);
      await subscribed(reader, name);
      const patches = '[{"path":"a"},{"path":"b.d","data":[null]}]';
      const exchanges: [Row, Row | undefined, Row][] = [
        [
          ["RECORD UPDATE", { name, version: 1, data: DATA }],
          undefined,
          ["RECORD UPDATE", { name, version: 1, data: DATA }],
        ],
        [
          ["RECORD PATCH", { name, version: 2, path: " b.c[1]", data: "5", ...WRITE_ACK }],
          ["RECORD WRITE_ACKNOWLEDGEMENT", { name, ...WRITE_ACK }],
          ["RECORD PATCH", { name, version: 2, path: "b.c[1]", data: "5" }],
        ],
        [
          ["RECORD ERASE", { name, version: 3, path: "b.c" }],
          undefined,
          ["RECORD PATCH", { name, version: 3, path: "b.c" }],
        ],
        [
          ["RECORD PATCH_MULTI", { name, version: 4, data: patches, ...WRITE_ACK }],
          ["RECORD WRITE_ACKNOWLEDGEMENT", { name, ...WRITE_ACK }],
          ["RECORD PATCH_MULTI", { name, version: 4, data: patches }],
        ],
        [
          ["RECORD CREATEANDPATCH", { name, version: -1, path: "z", data: "0" }],
          undefined,
          ["RECORD PATCH", { name, version: 5, path: "z", data: "0" }],
        ],
        [
          ["RECORD CREATEANDUPDATE", { name, version: -1, data: "[]" }],
          undefined,
          ["RECORD UPDATE", { name, version: 6, data: "[]" }],
        ],
        [
          ["RECORD DELETE", { name }],
          ["RECORD DELETE_SUCCESS", { name }],
          ["RECORD DELETED", { name }],
        ],
      ];
      for (const [sent, answer, told] of exchanges) {
        writer.send(sent);
        expect(await reader.take(1)).toEqual([told]);
        if (answer !== undefined) expect(await writer.take(1)).toEqual([answer]);
        expect(await writer.settled()).toEqual([]);
      }
      writer.send(["RECORD CREATEANDUPDATE", { name, data: "{}", ...WRITE_ACK }]);
      await writer.take(1);
      expect(await reader.settled()).toEqual([]);
      for (const client of [writer, reader]) client.close();
    });

    test("several patches are one version, all or none, and reach old clients as the whole", async () => {
      const [writer, old] = [await login(path), await WireClient.open(target().url, path)];
      old.send(["CONNECTION CHALLENGE", { url: "x", sdkVersion: "7.0.5" }]);
      old.send(["AUTH REQUEST", { data: "{}" }]);
      await old.until("AUTH AUTH_SUCCESSFUL");
      old.received.length = 0;
      const name = fresh();
      await subscribed(old, name);
      const multi = (version: number, data: string): Row => [
        "RECORD PATCH_MULTI",
        { name, version, data, ...WRITE_ACK },
      ];
      const bad = ["[]", "{}", "[1]", "[{}]", '[{"path":"__proto__","data":1}]', "x", undefined];
      for (const data of bad) {
        writer.send(multi(1, data as string));
        expect(await writer.take(1)).toEqual([
          [
            "RECORD INVALID_MESSAGE_DATA",
            { name, originalAction: 35, isError: true, ...WRITE_ACK },
          ],
        ]);
      }
      writer.send(multi(1, '[{"path":"a","data":1},{"path":"b[1]","data":2},{"path":"a"}]'));
      await writer.take(1);
      expect(await old.take(1)).toEqual([
        ["RECORD UPDATE", { name, version: 1, data: '{"b":[null,2]}' }],
      ]);
      for (const client of [writer, old]) client.close();
    });

    test("a version that does not fit is answered with what there is", async () => {
      const client = await login(path);
      const name = fresh();
      await subscribed(client, name);
      client.send(["RECORD UPDATE", { name, version: 1, data: DATA, ...WRITE_ACK }]);
      await client.take(1);
      client.send(["RECORD PATCH", { name, version: 1, path: "a", data: "2" }]);
      client.send(["RECORD UPDATE", { name, version: 1, data: "{}", ...WRITE_ACK }]);
      client.send(["RECORD UPDATE", { name, version: 9, data: "{}", ...WRITE_ACK }]);
      client.send(["RECORD UPDATE", { name, version: -2, data: "{}" }]);
      const conflict = { name, version: 1, data: DATA };
      // A malformed one is answered at once, the others by the store.
      const answers = await client.take(4);
      expect(answers).toEqual(
        expect.arrayContaining([
          ["RECORD VERSION_EXISTS", { ...conflict, originalAction: 19 }],
          ["RECORD VERSION_EXISTS", { ...conflict, originalAction: 18, ...WRITE_ACK }],
          [
            "RECORD INVALID_VERSION",
            { name, version: 1, originalAction: 18, isError: true, ...WRITE_ACK },
          ],
          ["RECORD INVALID_MESSAGE_DATA", { name, originalAction: 18, isError: true }],
        ]),
      );
      client.close();
    });

    test("reading, and asking for versions, of what is there and what is not", async () => {
      const client = await login(path);
      const [name, none] = [fresh(), fresh()];
      client.send(["RECORD CREATEANDUPDATE", { name, version: -1, data: "[1]" }]);
      client.send(["RECORD READ", { name }]);
      client.send(["RECORD READ", { name: none }]);
      client.send(["RECORD HEAD", { name }], ["RECORD HEAD", { name: none }]);
      const answers = await client.take(4);
      expect(answers).toEqual(
        expect.arrayContaining([
          ["RECORD READ_RESPONSE", { name, version: 1, data: "[1]" }],
          ["RECORD RECORD_NOT_FOUND", { name: none, originalAction: 3, isError: true }],
          ["RECORD HEAD_RESPONSE", { name, version: 1 }],
          ["RECORD HEAD_RESPONSE", { name: none, version: -1 }],
        ]),
      );
      client.send(["RECORD HEAD_BULK", { names: [none, name], correlationId: "3" }]);
      expect(await client.take(2)).toEqual([
        ["RECORD HEAD_RESPONSE_BULK", { versions: { [name]: 1 } }],
        ["RECORD HEAD_RESPONSE", { name: none, version: -1 }],
      ]);
      client.send(["RECORD SUBSCRIBEANDHEAD", { names: [name, none], correlationId: "4" }]);
      expect(await client.take(3)).toEqual([
        ["RECORD SUBSCRIBEANDHEAD", { correlationId: "4", isAck: true }],
        ["RECORD HEAD_RESPONSE_BULK", { versions: { [name]: 1 } }],
        ["RECORD HEAD_RESPONSE", { name: none, version: -1 }],
      ]);
      const other = fresh();
      client.send(["RECORD SUBSCRIBEANDREAD", { names: [other], correlationId: "5" }]);
      expect(await client.take(2)).toEqual([
        ["RECORD SUBSCRIBEANDREAD", { correlationId: "5", isAck: true }],
        ["RECORD READ_RESPONSE", { name: other, version: -1, data: "{}" }],
      ]);
      expect(await new HttpClient(target).read(other)).toMatchObject({ success: false });
      client.close();
    });

    test("writing to what is not there without making it is refused", async () => {
      const client = await login(path);
      const name = fresh();
      const writes: [string, number, object][] = [
        ["UPDATE", 18, { data: "{}" }],
        ["PATCH", 19, { path: "a", data: "1" }],
        ["ERASE", 20, { path: "a" }],
        ["PATCH_MULTI", 35, { data: '[{"path":"a","data":1}]' }],
      ];
      for (const [action, number, members] of writes) {
        client.send([`RECORD ${action}`, { name, version: 1, ...members, ...WRITE_ACK }]);
        expect(await client.take(1)).toEqual([
          [
            "RECORD RECORD_UPDATE_ERROR",
            { name, originalAction: number, isError: true, ...WRITE_ACK },
          ],
        ]);
      }
      client.send(["RECORD DELETE", { name }]);
      expect(await client.take(1)).toEqual([["RECORD DELETE_SUCCESS", { name }]]);
      client.close();
    });

    test("one bad name of many is refused alone", async () => {
      const client = await login(path);
      const name = fresh();
      const names = [name, "bad\n"];
      client.send(["RECORD SUBSCRIBECREATEANDREAD", { names, correlationId: "0" }]);
      expect(await client.take(3)).toEqual([
        [
          "RECORD INVALID_MESSAGE_DATA",
          { name: "bad\n", originalAction: 23, isError: true, correlationId: "0" },
        ],
        ["RECORD SUBSCRIBECREATEANDREAD", { correlationId: "0", isAck: true }],
        ["RECORD READ_RESPONSE", { name, version: 0, data: "{}" }],
      ]);
      client.send(["RECORD NOTIFY", { names, correlationId: "1" }]);
      expect((await client.settled()).map(([each]) => each)).toEqual(
        expect.arrayContaining(["RECORD INVALID_MESSAGE_DATA", "RECORD NOTIFY"]),
      );
      for (const data of ["1", '"text"', "null", "{", '{"__proto__":1}', undefined]) {
        client.send(["RECORD UPDATE", { name, version: 1, data }]);
        expect(await client.take(1)).toEqual([
          ["RECORD INVALID_MESSAGE_DATA", { name, originalAction: 18, isError: true }],
        ]);
      }
      client.send(["RECORD LISTEN_ACCEPT", { name: "x", subscription: "y" }]);
      client.send(["RECORD LISTEN", { name: "[" }], ["RECORD UNLISTEN", { name: "x" }]);
      client.send(["RECORD LISTEN", { name: "^none$" }], ["RECORD LISTEN", { name: "^none$" }]);
      expect(await client.settled()).toEqual([
        ["RECORD NOT_SUBSCRIBED", { name: "x", originalAction: 29 }],
        ["RECORD INVALID_LISTEN_REGEX", { name: "[", originalAction: 27, isError: true }],
        ["RECORD NOT_SUBSCRIBED", { name: "x", originalAction: 28 }],
        ["RECORD LISTEN", { name: "^none$", isAck: true }],
        ["RECORD MULTIPLE_SUBSCRIPTIONS", { name: "^none$", originalAction: 27 }],
      ]);
      client.close();
    });
  });
}

async function subscribed(client: WireClient, name: string): Promise<void> {
  client.send(["RECORD SUBSCRIBECREATEANDREAD", { names: [name], correlationId: "0" }]);
  await client.take(2);
}

function fresh(): string {
  return `frames/${crypto.randomUUID()}`;
}
