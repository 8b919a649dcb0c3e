// Every example of the documentation of deepstreamHub's HTTP API, as it stands there; logins are among the settings.

import { describe, expect, test } from "bun:test";
import { type DeepstreamClient, slotOf } from "./client.ts";
import { noProvider, remove, write } from "./commands.ts";

const BATCH = `{
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

const BATCH_ANSWER = `{
  "result": "PARTIAL_SUCCESS",
  "body": [
    {
      "success": true
    },
    {
      "success": false,
      "error": "Record read failed. Record \\"balance\\" could not be found.",
      "errorTopic": "record",
      "errorEvent": "RECORD_NOT_FOUND"
    }
  ]
}`;

const EMIT = `{
  "topic": "event",
  "action": "emit",
  "eventName": "lights-on",
  "data": 134.52
}`;

const READ = `{
  "topic": "record",
  "action": "read",
  "recordName": "my-record"
}`;

const READ_ANSWER = `{
  "success": true,
  "version": 2,
  "data": {
    "foo": "bar"
  }
}`;

const HEAD = `{
  "topic": "record",
  "action": "head",
  "recordName": "my-record"
}`;

const HEAD_ANSWER = `{
  "success": true,
  "version": 2
}`;

const WRITE = `{
  "topic": "record",
  "action": "write",
  "recordName": "users/123",
  "path": "firstname",
  "version": 6,
  "data": "Bob"
}`;

const CONFLICT = `{
  "success": false,
  "error": "Record update failed. Version 6 exists for record \\"users/123\\".",
  "errorTopic": "record",
  "errorEvent": "VERSION_EXISTS",
  "currentVersion": 6,
  "currentData": {
    "firstname": "Alan",
    "lastname": "Smith"
  }
}`;

const DELETE = `{
  "topic": "record",
  "action": "delete",
  "recordName": "my-record"
}`;

const CALL = `{
  "topic": "rpc",
  "action": "make",
  "rpcName": "add-two",
  "data": {
    "numA": 2,
    "numB": 5
  }
}`;

const QUERY = `{
  "topic": "presence",
  "action": "query"
}`;

const DONE = `{
  "success": true
}`;

export function seedExampleRules(client: DeepstreamClient): void {
  const alone = async (command: string) =>
    slotOf(await client.post("/api", `{"body":[${command}]}`));

  describe("examples of the documentation", () => {
    test.each(["/api", "/api/v1"])("a batch that succeeds in part, at %s", async (path) => {
      await client.batch([remove("balance")]);
      const answer = await client.post(path, BATCH);
      expect(answer.status).toBe(200);
      expect(JSON.parse(answer.body)).toEqual(JSON.parse(BATCH_ANSWER));
    });

    test("a batch with a token", async () => {
      await client.batch([remove("balance")]);
      const token = await client.token({});
      const answer = await client.post("/api", { token, ...JSON.parse(BATCH) });
      expect(JSON.parse(answer.body)).toEqual(JSON.parse(BATCH_ANSWER));
    });

    test("emitting an event", async () => {
      expect(await alone(EMIT)).toEqual(JSON.parse(DONE));
    });

    test("reading a record, its head, and deleting it", async () => {
      await client.batch([
        remove("my-record"),
        write("my-record", {}),
        write("my-record", { foo: "bar" }),
      ]);
      expect(await alone(READ)).toEqual(JSON.parse(READ_ANSWER));
      expect(await alone(HEAD)).toEqual(JSON.parse(HEAD_ANSWER));
      expect(await alone(DELETE)).toEqual(JSON.parse(DONE));
      expect(await alone(READ)).toMatchObject({ errorEvent: "RECORD_NOT_FOUND" });
      expect(await alone(DELETE)).toEqual(JSON.parse(DONE));
    });

    test("updating a part of a record, once", async () => {
      const data = { firstname: "Alan", lastname: "Smith" };
      const writes = Array.from({ length: 5 }, () => write("users/123", data));
      await client.batch([remove("users/123"), ...writes]);
      expect(await alone(WRITE)).toEqual(JSON.parse(DONE));
      expect(await client.read("users/123")).toMatchObject({
        version: 6,
        data: { firstname: "Bob", lastname: "Smith" },
      });
    });

    test("a version conflict", async () => {
      const data = { firstname: "Alan", lastname: "Smith" };
      const writes = Array.from({ length: 6 }, () => write("users/123", data));
      await client.batch([remove("users/123"), ...writes]);
      expect(await alone(WRITE)).toEqual(JSON.parse(CONFLICT));
      expect(await client.read("users/123")).toMatchObject({ version: 6, data });
    });

    test("an RPC, which nobody provides", async () => {
      expect(await alone(CALL)).toEqual(noProvider("add-two"));
    });

    test("who is online, which is nobody without a WebSocket", async () => {
      expect(await alone(QUERY)).toEqual({ success: true, users: [] });
    });
  });
}
