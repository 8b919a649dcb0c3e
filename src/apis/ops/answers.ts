// What operators are answered, as the description tells it.

import { type Static, Type } from "@sinclair/typebox";
import { choice } from "../../http/description.ts";

export const HealthAnswer = Type.Object(
  {
    status: choice(
      ["ready", "stopping", "failed"],
      "What it is doing; failed: its store is dead, and it is about to end.",
    ),
    live: Type.Boolean({ description: "False when it has failed." }),
    ready: Type.Boolean({ description: "Whether it is to be given work." }),
    writes: choice(
      ["ok", "failing", "stalled", "dead"],
      "How the disk takes what is written; failing and stalled: it does not, but reading goes on.",
    ),
    version: Type.String({ description: "Of Millrace." }),
    commit: Type.String({ description: "What it was built from." }),
    bun: Type.String({ description: "The version of Bun inside it." }),
    region: Type.String({ description: "Where it is." }),
    endpoint: Type.String({ description: "What keys that are made here carry." }),
  },
  { title: "Health", additionalProperties: false },
);
export type HealthAnswer = Static<typeof HealthAnswer>;
