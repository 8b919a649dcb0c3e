// The whole API as it tells of itself.

import type { ApiDescription } from "../../http/description.ts";
import { CACHE_OPERATIONS } from "./cache-description.ts";
import { type TokenLimits, tokenOperations } from "./token-description.ts";
import { type TopicLimits, topicOperations } from "./topic-description.ts";

export function momentoHttpDescription(limits: TopicLimits & TokenLimits): ApiDescription {
  return {
    tags: [
      {
        name: "Topics",
        description:
          "Durable messages, numbered 1, 2, 3 … in each topic: publish one with a POST, receive them with a GET that waits for them. The HTTP API of Momento Topics.",
      },
      {
        name: "Caches",
        description: "Namespaces of topics, each with its own retention and limits.",
      },
      {
        name: "Tokens",
        description:
          "Who has a token can mint lesser ones for others; administrators revoke them. `millrace token create` makes the first ones.",
      },
    ],
    operations: [...topicOperations(limits), ...CACHE_OPERATIONS, ...tokenOperations(limits)],
  };
}
