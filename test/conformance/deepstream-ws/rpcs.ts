// RPCs between clients, and from HTTP to clients.

import { describe, expect, test } from "bun:test";
import { until } from "../../support/until.ts";
import { DeepstreamClient as HttpClient } from "../deepstream-http/client.ts";
import type { Target } from "../target.ts";
import type { Clients } from "./clients.ts";
import { acknowledged, JSON_MODE } from "./events.ts";

interface Response {
  accept(): void;
  reject(): void;
  error(error: unknown): void;
  send(data: unknown): void;
  autoAccept: boolean;
}

const VALUES = [{ a: [1] }, "text", 7, 0, "", true, false, null];

export function rpcs(clients: Clients, target: () => Target): void {
  describe("RPCs", () => {
    test("a call goes to a provider with its data, and its answer comes back", async () => {
      const provider = await clients.login("provider");
      const caller = await clients.login("caller", { path: "/deepstream-json", ...JSON_MODE });
      provider.rpc.provide("echo", (data: unknown, response: Response) => response.send({ data }));
      await acknowledged(provider);
      for (const data of VALUES) expect(await caller.rpc.make("echo", data)).toEqual({ data });
      expect(await caller.rpc.make("echo", undefined)).toEqual({});
      const answers = VALUES.map((data) => provider.rpc.make("echo", data));
      expect(await Promise.all(answers)).toEqual(VALUES.map((data) => ({ data })));
      expect([...provider.errors, ...caller.errors]).toEqual([]);
    });

    test("an answer may be anything, also nothing", async () => {
      const provider = await clients.login("provider");
      const caller = await clients.login("caller");
      const answers = [...VALUES, undefined];
      provider.rpc.provide("nth", (nth: number, response: Response) => response.send(answers[nth]));
      await acknowledged(provider);
      for (const [nth, answer] of answers.entries()) {
        expect(await caller.rpc.make("nth", nth)).toEqual(answer);
      }
    });

    test("an error may be any JSON", async () => {
      const provider = await clients.login("provider");
      const caller = await clients.login("caller");
      provider.rpc.provide("fail", (data: unknown, response: Response) => response.error(data));
      await acknowledged(provider);
      for (const error of [{ a: [1] }, "text", 7, true, ["x"]]) {
        expect(await refusalOf(caller.rpc.make("fail", error))).toEqual(error);
      }
    });

    test("without a provider there is no answer", async () => {
      const caller = await clients.login("caller");
      expect(await refusalOf(caller.rpc.make("nobody", 1))).toBe("NO_RPC_PROVIDER");
    });

    test("who rejects leaves the call to the others, until there are none", async () => {
      const caller = await clients.login("caller");
      const asked: number[] = [];
      for (const number of [1, 2, 3]) {
        const provider = await clients.login(`provider ${number}`);
        provider.rpc.provide("pass", (isForThird: boolean, response: Response) => {
          asked.push(number);
          if (isForThird && number === 3) response.send("third");
          else response.reject();
        });
        await acknowledged(provider);
      }
      expect(await caller.rpc.make("pass", true)).toBe("third");
      asked.length = 0;
      expect(await refusalOf(caller.rpc.make("pass", false))).toBe("NO_RPC_PROVIDER");
      expect(asked.sort()).toEqual([1, 2, 3]);
    });

    test("calls are spread over the providers", async () => {
      const caller = await clients.login("caller");
      for (const number of [1, 2]) {
        const provider = await clients.login(`provider ${number}`);
        provider.rpc.provide("who", (_: unknown, response: Response) => response.send(number));
        await acknowledged(provider);
      }
      const answers = await Promise.all(
        Array.from({ length: 64 }, () => caller.rpc.make("who", 0)),
      );
      expect(new Set(answers)).toEqual(new Set([1, 2]));
    });

    test("who provides no longer is not called", async () => {
      const provider = await clients.login("provider");
      const caller = await clients.login("caller");
      provider.rpc.provide("gone", (_: unknown, response: Response) => response.send(1));
      await acknowledged(provider);
      expect(await caller.rpc.make("gone", 0)).toBe(1);
      provider.rpc.unprovide("gone");
      await acknowledged(provider);
      expect(await refusalOf(caller.rpc.make("gone", 0))).toBe("NO_RPC_PROVIDER");
    });

    test("when a provider goes away, calls that it has accepted fail and others go on", async () => {
      const [first, second] = [await clients.login("first"), await clients.login("second")];
      const caller = await clients.login("caller");
      let calls = 0;
      first.rpc.provide("work", () => {
        calls += 1;
      });
      await acknowledged(first);
      const accepted = refusalOf(caller.rpc.make("work", 0));
      await until("the call is there", () => calls === 1);
      // The client accepts by itself in its next turn.
      await acknowledged(first);
      first.rpc.provide("pending", (_: unknown, response: Response) => {
        response.autoAccept = false;
        calls += 1;
      });
      await acknowledged(first);
      const pending = caller.rpc.make("pending", 0);
      await until("the other call is there", () => calls === 2);
      second.rpc.provide("pending", (_: unknown, response: Response) => response.send("second"));
      await acknowledged(second);
      first.close();
      expect(await accepted).toBe("RESPONSE_TIMEOUT");
      expect(await pending).toBe("second");
    });

    test("over HTTP calls reach the same providers", async () => {
      const provider = await clients.login("provider");
      provider.rpc.provide("add", ({ a, b }: { a: number; b: number }, response: Response) => {
        if (a < 0) response.error({ why: "negative" });
        else response.send(a + b);
      });
      await acknowledged(provider);
      const http = new HttpClient(target);
      const make = (data: unknown) => ({ topic: "rpc", action: "make", rpcName: "add", data });
      const { body } = await http.run([make({ a: 1, b: 2 }), make({ a: -1, b: 2 })]);
      expect(JSON.parse(body)).toEqual({
        result: "PARTIAL_SUCCESS",
        body: [
          { data: 3, success: true },
          { success: false, error: { why: "negative" }, errorTopic: "rpc" },
        ],
      });
    });

    test("a name that no RPC can have fails the call in words", async () => {
      const caller = await clients.login("caller");
      expect(await refusalOf(caller.rpc.make("x".repeat(2000), 1))).toContain("RPC name");
    });
  });
}

async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  return await call.then(
    (value) => {
      throw new Error(`the call was answered: ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}
