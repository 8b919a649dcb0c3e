// How long a listener has, in the words of the protocol.

import { describe, expect, test } from "bun:test";
import { type Row, WireClient } from "../deepstream-ws/wire-client.ts";
import type { OpenWith } from "../target.ts";
import { withServer } from "./with-server.ts";

export function listening(open: OpenWith): void {
  describe("listening", () => {
    test("who does not answer in time can still accept, and the conversation goes on", async () => {
      await withServer(open, { listen: { response_timeout_ms: 50 } }, async (_, { url }) => {
        const [listener, subscriber] = [
          await WireClient.login(url, "l"),
          await WireClient.login(url, "s"),
        ];
        const offer = { name: "^talk/", subscription: "talk/1" };
        listener.send(["EVENT LISTEN", { name: "^talk/" }], ["EVENT LISTEN", { name: "^talk/" }]);
        expect(await listener.settled()).toEqual([
          ["EVENT LISTEN", { name: "^talk/", isAck: true }],
          ["EVENT MULTIPLE_SUBSCRIPTIONS", { name: "^talk/", originalAction: 5 }],
        ]);
        const talk: Row = ["EVENT SUBSCRIBE", { names: ["talk/1"], correlationId: "0" }];
        subscriber.send(talk);
        expect(await listener.take(1)).toEqual([["EVENT SUBSCRIPTION_FOR_PATTERN_FOUND", offer]]);
        // Not answered in time, it can still be accepted.
        expect(await listener.take(1)).toEqual([["EVENT LISTEN_RESPONSE_TIMEOUT", offer]]);
        listener.send(["EVENT LISTEN_ACCEPT", offer]);
        expect(await listener.settled()).toEqual([]);
        subscriber.send(["EVENT UNSUBSCRIBE", { names: ["talk/1"], correlationId: "1" }]);
        expect(await listener.take(1)).toEqual([["EVENT SUBSCRIPTION_FOR_PATTERN_REMOVED", offer]]);
        listener.send(
          ["EVENT LISTEN_ACCEPT", offer],
          ["EVENT UNLISTEN", { name: "^talk/" }],
          ["EVENT LISTEN_REJECT", offer],
          ["EVENT UNLISTEN", { name: "^talk/" }],
        );
        expect(await listener.settled()).toEqual([
          ["EVENT SUBSCRIPTION_FOR_PATTERN_REMOVED", offer],
          ["EVENT UNLISTEN", { name: "^talk/", isAck: true }],
          ["EVENT NOT_SUBSCRIBED", { name: "^talk/", originalAction: 8 }],
          ["EVENT NOT_SUBSCRIBED", { name: "^talk/", originalAction: 6 }],
        ]);
        listener.close();
        subscriber.close();
      });
    });
  });
}
