// What this API answers in JSON, as its description tells it.

import { type Static, Type } from "@sinclair/typebox";
import { choice } from "../../http/description.ts";

const CLOSED = { additionalProperties: false };

export const ErrorTopic = choice(
  ["event", "rpc", "presence", "record", "connection"],
  "What the command was about; `connection`: the request.",
);
export type ErrorTopic = Static<typeof ErrorTopic>;

export const ErrorEvent = choice(
  [
    "INVALID_MESSAGE_DATA",
    "INVALID_PRESENCE_USERS",
    "MESSAGE_DENIED",
    "MESSAGE_PERMISSION_ERROR",
    "RECORD_NOT_FOUND",
    "RECORD_LOAD_ERROR",
    "RECORD_UPDATE_ERROR",
    "RECORD_DELETE_ERROR",
    "RECORD_NOTIFY_ERROR",
    "VERSION_EXISTS",
    "INVALID_VERSION",
    "NO_RPC_PROVIDER",
    "ACCEPT_TIMEOUT",
    "RESPONSE_TIMEOUT",
    "HTTP_REQUEST_TIMEOUT",
  ],
  "What was wrong, for programs; an error that an RPC's provider gave has none.",
);
export type ErrorEvent = Static<typeof ErrorEvent>;

const Version = Type.Integer({ minimum: -1, description: "Of a record; -1: there is none." });
const Data = Type.Unknown({ description: "Of the record, or what the RPC's provider gave." });

const Succeeded = Type.Object(
  {
    success: Type.Literal(true, { description: "Of a write: it is on disk." }),
    version: Type.Optional(Version),
    data: Type.Optional(Data),
    users: Type.Optional(
      Type.Union([Type.Array(Type.String()), Type.Record(Type.String(), Type.Boolean())], {
        description: "Who is online; with `names`, whether each of them is.",
      }),
    ),
  },
  { title: "CommandSucceeded", ...CLOSED, description: "A command was done." },
);

const Failed = Type.Object(
  {
    success: Type.Literal(false),
    error: Type.Unknown({
      description: "A sentence; of an RPC, what its provider gave as the error.",
    }),
    errorTopic: ErrorTopic,
    errorEvent: Type.Optional(ErrorEvent),
    errorAction: Type.Optional(
      Type.Literal("emit", { description: "Of an event that the rules deny." }),
    ),
    currentVersion: Type.Optional(
      Type.Integer({ description: "Of the record, where another write was first." }),
    ),
    currentData: Type.Optional(Type.Unknown({ description: "What the record holds then." })),
  },
  { title: "CommandFailed", ...CLOSED, description: "A command was not done." },
);

export const BatchAnswer = Type.Object(
  {
    result: choice(
      ["SUCCESS", "PARTIAL_SUCCESS", "FAILURE"],
      "Whether all, some or none of the commands were done.",
    ),
    body: Type.Array(Type.Union([Succeeded, Failed]), {
      description: "The answer to each command, in their order.",
    }),
  },
  { title: "CommandAnswers", ...CLOSED, description: "The answers to a batch of commands." },
);

export const LoginAnswer = Type.Object(
  {
    success: Type.Literal(true),
    token: Type.String({ description: "To be sent with commands." }),
    clientData: Type.Unknown({ description: "What the user's client is told of the user." }),
  },
  { title: "LoggedIn", ...CLOSED },
);

export const SignUpAnswer = Type.Object(
  { success: Type.Literal(true), id: Type.String({ description: "Of the new user." }) },
  { title: "SignedUp", ...CLOSED },
);

export const RecordPage = Type.Object(
  {
    records: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          version: Type.Integer({ minimum: 0 }),
          bytes: Type.Integer({ description: "Of its data, as JSON." }),
        },
        CLOSED,
      ),
      { description: "In bytewise order of their names." },
    ),
    next: Type.Union([Type.String(), Type.Null()], {
      description: "What `after` of the next page is; null: there is none.",
    }),
  },
  { title: "RecordPage", ...CLOSED, description: "Some records, without what they hold." },
);
