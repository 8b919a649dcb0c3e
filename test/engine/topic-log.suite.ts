// What core/topics/topic-log.ts promises, of whatever engine is behind it.

import { describe } from "bun:test";
import type { OpenWith } from "../support/open-engine.ts";
import { announcementRules } from "./topic-log/announcements.ts";
import { appendRules } from "./topic-log/appends.ts";
import { closingRules } from "./topic-log/closing.ts";
import { deletionRules } from "./topic-log/deletions.ts";
import { idempotencyRules } from "./topic-log/idempotency.ts";
import { limitRules } from "./topic-log/limits.ts";
import { listRules } from "./topic-log/lists.ts";
import { readRules } from "./topic-log/reads.ts";
import { trimmingRules } from "./topic-log/trimming.ts";
import { valueRules } from "./topic-log/values.ts";

export function topicLogSuite(open: OpenWith): void {
  describe("topic log", () => {
    appendRules(open);
    announcementRules(open);
    idempotencyRules(open);
    readRules(open);
    valueRules(open);
    listRules(open);
    deletionRules(open);
    trimmingRules(open);
    limitRules(open);
    closingRules(open);
  });
}
