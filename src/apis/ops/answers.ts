// What operators are answered, as the description tells it.

import { type Static, Type } from "@sinclair/typebox";
import { choice } from "../../http/description.ts";

export const HealthAnswer = Type.Object(
  {
    status: choice(["ready", "stopping"], "What it is doing."),
    live: Type.Literal(true),
    ready: Type.Boolean({ description: "False while it stops." }),
    version: Type.String({ description: "Of Millrace." }),
    commit: Type.String({ description: "What it was built from." }),
    bun: Type.String({ description: "The version of Bun inside it." }),
    region: Type.String({ description: "Where it is." }),
    endpoint: Type.String({ description: "What keys that are made here carry." }),
  },
  { title: "Health", additionalProperties: false },
);
export type HealthAnswer = Static<typeof HealthAnswer>;
