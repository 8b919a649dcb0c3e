// What operators and their tools ask, as it tells of itself.

import { Type } from "@sinclair/typebox";
import { type ApiDescription, JSON_TYPE, type Operation, TEXT } from "../../http/description.ts";
import { jsonFailures } from "../../http/failures.ts";
import { HealthAnswer } from "./answers.ts";

const TAG = "Operating";

export function opsDescription(): ApiDescription {
  return {
    tags: [{ name: TAG, description: "What operators and their tools ask." }],
    operations: [
      HEALTH,
      METRICS,
      describing("openapi", JSON_TYPE),
      describing("docs", "text/html"),
    ],
  };
}

const HEALTH: Operation = {
  id: "health",
  tag: TAG,
  method: "get",
  path: "/health",
  summary: "Is it ready, and which version is it",
  description:
    "While the disk is full, fails or does not answer, it stays ready, because reading and waiting go on, and `writes` tells of it.",
  caller: "anyone",
  answers: {
    200: { description: "It is to be given work.", content: { [JSON_TYPE]: HealthAnswer } },
    503: {
      description: "It is stopping, or has failed and is about to end.",
      headers: Type.Object({ "Retry-After": Type.Integer() }),
      content: { [JSON_TYPE]: HealthAnswer },
    },
  },
  examples: [
    {
      name: "ready",
      summary: "Is it ready",
      answer: {
        status: 200,
        body: {
          status: "ready",
          live: true,
          ready: true,
          writes: "ok",
          version: "0.1.0",
          commit: "a1b2c3d4e5f6",
          bun: "1.4.5",
          region: "us-east-1",
          endpoint: "http://127.0.0.1:7070",
        },
      },
    },
  ],
};

const METRICS: Operation = {
  id: "metrics",
  tag: TAG,
  method: "get",
  path: "/metrics",
  summary: "Figures for Prometheus",
  description:
    "For who asks on the machine itself: while the server listens on loopback, and not by way of a proxy. Where `metrics.token_file` is set, for whoever sends that token in `Authorization`, and for nobody else.",
  caller: "anyone",
  answers: {
    200: { description: "In Prometheus' text format.", content: TEXT },
    404: { description: "They are not for this request.", content: TEXT },
    ...jsonFailures("unauthenticated", "stopping"),
  },
  examples: [{ name: "figures", summary: "All figures", answer: { status: 200 } }],
};

function describing(what: "openapi" | "docs", type: string): Operation {
  const isPage = what === "docs";
  return {
    id: what,
    tag: TAG,
    method: "get",
    path: isPage ? "/docs" : "/openapi.json",
    summary: isPage ? "This description, as a page to read" : "This description, for tools",
    ...(isPage ? { description: "It loads nothing from anywhere else, and has no scripts." } : {}),
    caller: "anyone",
    parameters: {
      header: Type.Object({
        "If-None-Match": Type.Optional(Type.String({ description: "The ETag that you have." })),
      }),
    },
    answers: {
      200: {
        description: "The description.",
        headers: Type.Object({ ETag: Type.String() }),
        content: { [type]: isPage ? Type.String() : Type.Object({ openapi: Type.String() }) },
      },
      304: {
        description: "You have it already.",
        headers: Type.Object({ ETag: Type.String() }),
      },
      ...jsonFailures("stopping"),
    },
    examples: [{ name: "all", summary: "The whole description", answer: { status: 200 } }],
  };
}
