// What one connection asks of records, message by message.

import { expect, test } from "bun:test";
import { RECORD_ACTION, TOPIC } from "@deepstream/protobuf/dist/types/all";
import type { Message } from "../../src/apis/deepstream-ws/message.ts";
import { RecordTopic } from "../../src/apis/deepstream-ws/record-topic.ts";
import { SubscriptionCount } from "../../src/apis/deepstream-ws/subscription-count.ts";
import { openRuledRecords } from "../support/ruled-records.ts";
import { user } from "../support/users.ts";

test.each(["READ", "HEAD", "HEAD_BULK"] as const)(
  "where rules are asked, what comes after %s waits for it",
  async (action) => {
    await using room = openRuledRecords({ "record.read": { oldData: true, rule: () => false } });
    const { records, permissions } = room;
    const sent: Message[] = [];
    const session = {
      ...{ user: user("alice"), permissions, knowsPatchMulti: true },
      subscriptions: new SubscriptionCount(10, { subscriptions: 0 }),
      signal: new AbortController().signal,
      send: (message: Message) => void sent.push(message),
      onBug: (cause: unknown) => {
        throw cause;
      },
      tell: () => {},
    };
    const unused = {} as never;
    using topic = new RecordTopic(session, {
      ...{ records, recordSubscriptions: unused, recordListeners: unused },
    });
    const about = { topic: TOPIC.RECORD, action: RECORD_ACTION[action], name: "r", names: ["r"] };
    const waits = topic.handle(about);
    expect([waits, sent]).toEqual([expect.any(Promise), []]);
    await waits;
    expect(sent).toMatchObject([
      { action: RECORD_ACTION.MESSAGE_DENIED, originalAction: about.action },
    ]);
    permissions.use(undefined);
    expect(topic.handle(about)).toBeUndefined();
  },
);
