// What the administration answers, as its description tells it.

import { Type } from "@sinclair/typebox";
import { OutcomeJson } from "../../http/export-lines.ts";

const CLOSED = { additionalProperties: false };

const UserAnswer = Type.Object(
  {
    email: Type.String(),
    id: Type.String({ description: "What records, events and presence know the user by." }),
    client_data: Type.Optional(Type.Unknown({ description: "What the user's client is told." })),
    server_data: Type.Optional(Type.Unknown({ description: "What the rules see of the user." })),
    created_at: Type.Integer({ description: "Milliseconds since 1970." }),
  },
  { title: "User", ...CLOSED, description: "A user who logs in with an email address." },
);

export const UserList = Type.Object(
  { users: Type.Array(UserAnswer, { description: "In bytewise order of their addresses." }) },
  { title: "UserList", ...CLOSED },
);

export const AddedUser = Type.Object(
  { id: Type.String({ description: "Of the new user." }) },
  { title: "AddedUser", ...CLOSED },
);

export const Disconnected = Type.Object(
  { disconnected: Type.Integer({ minimum: 0, description: "How many connections were ended." }) },
  { title: "Disconnected", ...CLOSED },
);

export const ReloadAnswer = Type.Object(
  {
    reloaded: Type.Array(Type.String(), { description: "What was taken up." }),
    failed: Type.Array(Type.Object({ name: Type.String(), reason: Type.String() }, CLOSED), {
      description: "What could not be used, so that the old stays in force.",
    }),
    restart: Type.Array(Type.String(), {
      description: "Settings that have changed and take effect after a restart.",
    }),
  },
  { title: "Reloaded", ...CLOSED },
);

const Version = Type.Integer({ minimum: 0 });

export const RecordAnswer = Type.Object(
  { version: Version, data: Type.Unknown({ description: "What it holds." }) },
  { title: "Record", ...CLOSED },
);

export const ReplacedRecord = Type.Object(
  { version: Version },
  { title: "ReplacedRecord", ...CLOSED },
);

export const ImportAnswer = Type.Object(
  { outcomes: Type.Array(OutcomeJson, { description: "Of each line, in their order." }) },
  { title: "Imported", ...CLOSED },
);

const LIMIT = Type.Number({ minimum: 0, description: "0: no limit, where the setting says so." });
const Section = Type.Record(Type.String(), LIMIT);

export const LimitsAnswer = Type.Record(
  Type.String(),
  Type.Record(Type.String(), Type.Union([LIMIT, Section])),
  { title: "Limits", description: "By section and name, as in the configuration." },
);
