// What the open-source server's own scenarios and the PHP client's tests ask over HTTP, in our words.
//
// Where they look at it through a WebSocket, this looks through another request. Permissions and RPCs that
// somebody provides are left to where there are rules and WebSockets.

import { describe, expect, test } from "bun:test";
import { type DeepstreamClient, expectPlain, fresh } from "./client.ts";
import {
  call,
  conflict,
  DONE,
  emit,
  found,
  head,
  noProvider,
  patch,
  query,
  read,
  readList,
  remove,
  removeList,
  write,
  writeList,
} from "./commands.ts";

export function portedScenarioRules(client: DeepstreamClient): void {
  describe("scenarios of the open-source server", () => {
    test("emitting 5000 events", async () => {
      const events = Array.from({ length: 5000 }, () => emit("batch_event", { x: "my_data" }));
      const { result, body } = await client.batch(events);
      expect(result).toBe("SUCCESS");
      expect(body).toHaveLength(5000);
    });

    test("a hundred commands of many kinds", async () => {
      const name = fresh("record");
      const commands = Array.from({ length: 100 }, (_, n) =>
        n % 3 === 0 ? emit("eventName", n) : n % 3 === 1 ? write(name, { n }) : head(name),
      );
      const { result, body } = await client.batch(commands);
      expect(result).toBe("SUCCESS");
      expect(body).toHaveLength(100);
    });

    test("events without data, with data, and several", async () => {
      const { result } = await client.batch([
        emit("my-event"),
        emit("my-event", "some-data"),
        emit("other", { a: [1, 2] }),
      ]);
      expect(result).toBe("SUCCESS");
    });

    test("getting, creating, updating and deleting a list", async () => {
      const name = fresh("list");
      const first = await client.batch([writeList(name, ["alex", "jeff"]), readList(name)]);
      expect(first.body[1]).toMatchObject({ data: ["alex", "jeff"] });
      const second = await client.batch([writeList(name, ["fresh"]), readList(name)]);
      expect(second.body[1]).toMatchObject({ data: ["fresh"] });
      const third = await client.batch([removeList(name), readList(name)]);
      expect(third.result).toBe("PARTIAL_SUCCESS");
    });

    test("updating a list with entries that are no strings", async () => {
      const answer = await client.run([writeList(fresh("list"), [{ willFail: true }])]);
      expectPlain(answer, 400, /Failed to parse JIF object/);
    });

    test("creating a record with an object and with an array", async () => {
      for (const data of [{ x: { y: "z" } }, ["x", "y", "z"]]) {
        const name = fresh("record");
        await client.write(name, data);
        expect(await client.read(name)).toEqual(found(1, data));
      }
    });

    test("several updates of which the second is stale", async () => {
      const name = fresh("rec");
      const { result, body } = await client.batch([
        write(name, { a: "b" }),
        write(name, { a: "b" }, 1),
      ]);
      expect(result).toBe("PARTIAL_SUCCESS");
      expect(body).toEqual([DONE, conflict("VERSION_EXISTS", name, 1, { a: "b" })]);
    });

    test("updating a record by paths", async () => {
      const name = fresh("nested-record");
      await client.write(name, { user: { firstName: "Morty", lastName: "Smith" } });
      await client.batch([
        patch(name, "user.firstName", "Rick"),
        patch(name, "user.lastName", "Sanchez"),
      ]);
      expect(await client.read(name)).toEqual(
        found(3, { user: { firstName: "Rick", lastName: "Sanchez" } }),
      );
    });

    test("the head of a record", async () => {
      const name = fresh("versioned-record");
      await client.batch([patch(name, "num", 1), patch(name, "num", 2)]);
      expect(await client.slot(head(name))).toEqual({ success: true, version: 2 });
    });

    test("updating a record with versions", async () => {
      const name = fresh("clean");
      expect(await client.slot(write(name, { x: 1 }, 1))).toEqual(DONE);
      expect(await client.slot(head(name))).toEqual({ success: true, version: 1 });
      expect(await client.slot(write(name, { x: 2 }, 2))).toEqual(DONE);
      expect(await client.slot(write(name, { x: 3 }, -1))).toEqual(DONE);
      expect(await client.slot(head(name))).toEqual({ success: true, version: 3 });
      expect((await client.batch([write(name, { x: 3833 }, 3)])).result).toBe("FAILURE");
      expect(await client.read(name)).toEqual(found(3, { x: 3 }));
    });

    test("who is online", async () => {
      expect(await client.slot(query())).toEqual({ success: true, users: [] });
    });

    test("RPCs that nobody provides", async () => {
      const { body } = await client.batch([
        call("addTwo", { numA: 1, numB: 2 }),
        call("alwaysFails"),
      ]);
      expect(body).toEqual([noProvider("addTwo"), noProvider("alwaysFails")]);
    });
  });

  // It posts to a path that ends with /api/v1, sends data: null where there is none, and looks at `result`.
  describe("tests of the PHP client", () => {
    const post = async (command: object, token: string) => {
      const answer = await client.send("POST", "/api/v1", {
        headers: { Connection: "close" },
        body: JSON.stringify({ token, body: [command] }),
      });
      expect(answer.status).toBe(200);
      const { result, body } = JSON.parse(answer.body);
      return { result, ...body[0] };
    };

    test("its record from before the first write to after the delete", async () => {
      const token = await client.token({});
      const name = fresh("user/wolfram");
      expect(await post(read(name), token)).toMatchObject({ result: "FAILURE" });
      const written = await post(write(name, { lastname: "Hempel" }), token);
      expect(written).toMatchObject({ result: "SUCCESS" });
      const first = { result: "SUCCESS", data: { lastname: "Hempel" }, version: 1 };
      expect(await post(read(name), token)).toMatchObject(first);
      expect(await post(patch(name, "age", 32), token)).toMatchObject({ result: "SUCCESS" });
      const second = { data: { lastname: "Hempel", age: 32 }, version: 2 };
      expect(await post(read(name), token)).toMatchObject(second);
      expect(await post(remove(name), token)).toMatchObject({ result: "SUCCESS" });
      expect(await post(read(name), token)).toMatchObject({ result: "FAILURE" });
    });

    test("its events", async () => {
      const token = await client.token({});
      for (const data of ["some-data", null]) {
        const command = { topic: "event", action: "emit", eventName: "test-event", data };
        expect(await post(command, token)).toEqual({ result: "SUCCESS", success: true });
      }
    });

    test("its RPCs, alone and in a batch", async () => {
      const token = await client.token({});
      expect(await post({ ...call("reset-test-provider"), data: null }, token)).toMatchObject({
        result: "FAILURE",
        errorEvent: "NO_RPC_PROVIDER",
      });
      const { result, body } = await client.batch([call("times-two", 11), call("times-two", 45)]);
      expect(result).toBe("FAILURE");
      expect(body).toHaveLength(2);
    });
  });
}
