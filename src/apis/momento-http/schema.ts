// The JSON bodies of caches and tokens. Momento has no HTTP form of these; the shapes are our own.

import { type Static, Type } from "@sinclair/typebox";
import { cacheSettings } from "../../http/cache-settings.ts";

const STRICT = { additionalProperties: false };

function figure(description: string) {
  return Type.Optional(
    Type.Union([Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), Type.Null()], {
      description: `${description} 0: no limit; null: as the server's settings say.`,
    }),
  );
}

const settings = cacheSettings(figure);

export const CacheRequest = Type.Object(
  {
    retention: Type.Optional(settings.retention),
    limits: Type.Optional(settings.limits),
  },
  STRICT,
);
export type CacheRequest = Static<typeof CacheRequest>;

const Permissions = Type.Array(
  Type.Object(
    {
      cache: Type.String({ description: "A cache's name, or * for all." }),
      topic: Type.String({ description: "A topic's name, PREFIX*, or * for all." }),
      role: Type.Union([Type.Literal("publish"), Type.Literal("subscribe"), Type.Literal("both")], {
        description: "What may be done.",
      }),
    },
    STRICT,
  ),
  { minItems: 1, maxItems: 20, description: "What the token allows, all in all." },
);

export const TokenRequest = Type.Object(
  {
    permissions: Permissions,
    expires_in_seconds: Type.Integer({ minimum: 1, description: "How long the token is good." }),
    token_id: Type.Optional(
      Type.String({ description: "Names the publisher, and revokes by this name." }),
    ),
  },
  STRICT,
);
export type TokenRequest = Static<typeof TokenRequest>;

export const IssueRequest = Type.Object(
  {
    permissions: Type.Optional(Permissions),
    admin: Type.Optional(
      Type.Boolean({ description: "Whether it allows everything; without permissions." }),
    ),
    user: Type.Optional(
      Type.Object(
        {
          id: Type.String({ description: "Who it is to records, events, RPCs and presence." }),
          client_data: Type.Optional(
            Type.Record(Type.String(), Type.Unknown(), {
              description: "What the user's own client is told at login.",
            }),
          ),
          server_data: Type.Optional(
            Type.Unknown({ description: "What the rules see of the user; no client is told." }),
          ),
        },
        STRICT,
      ),
    ),
    expires_in_seconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 3_153_600_000,
        description: "How long the token is good; without it, for ever.",
      }),
    ),
    token_id: Type.Optional(
      Type.String({ description: "Names the publisher, and revokes by this name; else random." }),
    ),
    format: Type.Optional(
      Type.Union([Type.Literal("key"), Type.Literal("jwt")], {
        description: "The form of the token; jwt by default where it allows no topics.",
      }),
    ),
  },
  STRICT,
);
export type IssueRequest = Static<typeof IssueRequest>;

export const RotateRequest = Type.Object(
  {
    revoke_old: Type.Optional(
      Type.Boolean({ description: "Ends every token that was signed so far." }),
    ),
  },
  STRICT,
);
export type RotateRequest = Static<typeof RotateRequest>;
