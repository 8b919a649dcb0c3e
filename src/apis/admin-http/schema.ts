// The JSON bodies of the administration of users and records.

import { type Static, Type } from "@sinclair/typebox";
import { IMPORT_LINES_MAX } from "../../core/imports/imports.ts";

const STRICT = { additionalProperties: false };

export const NewUserRequest = Type.Object(
  {
    email: Type.String({ description: "The address that the user logs in with." }),
    password: Type.String({ description: "Kept as a hash only." }),
    client_data: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "What the user's own client is told at login, beside the id.",
      }),
    ),
    server_data: Type.Optional(
      Type.Unknown({ description: "What the rules see of the user; no client is told." }),
    ),
  },
  STRICT,
);
export type NewUserRequest = Static<typeof NewUserRequest>;

export const RecordRequest = Type.Object(
  {
    data: Type.Unknown({ description: "What the record is to hold: any value." }),
    version: Type.Optional(
      Type.Integer({ minimum: 0, description: "The version it is to have; else the next." }),
    ),
  },
  STRICT,
);

export const ImportRequest = Type.Object(
  {
    lines: Type.Array(Type.Unknown(), {
      minItems: 1,
      maxItems: IMPORT_LINES_MAX,
      description: "Lines of an export, without its first and its last.",
    }),
  },
  STRICT,
);

export const PasswordRequest = Type.Object(
  { password: Type.String({ description: "Kept as a hash only." }) },
  STRICT,
);
export type PasswordRequest = Static<typeof PasswordRequest>;
