// The API as it tells of itself.

import { type TObject, Type } from "@sinclair/typebox";
import {
  type ApiDescription,
  grouped,
  JSON_TYPE,
  type Operation,
  TEXT,
} from "../../http/description.ts";
import { textFailures } from "../../http/failures.ts";
import { PageQuery } from "../../http/page-query.ts";
import { BatchAnswer, LoginAnswer, RecordPage, SignUpAnswer } from "./answer-schema.ts";
import { STATUSES } from "./errors.ts";
import { authPaths, type DeepstreamHttpOptions, UNAUTHENTICATED } from "./plugin.ts";
import { Command } from "./schema.ts";

const RECORDS = "Records, events, RPC and presence";
const USERS = "Users";

const POST_ONLY = {
  403: { description: "- The page's origin may not call (`deepstream.origins`).", content: TEXT },
  415: { description: "- The body is not `application/json`.", content: TEXT },
};

export function deepstreamHttpDescription(options: DeepstreamHttpOptions): ApiDescription {
  return {
    tags: [
      {
        name: RECORDS,
        description:
          "JSON documents with versions, read and written in ordered batches of commands, with events, calls of programs that are connected, and who is online beside them. The HTTP API of deepstreamHub.",
      },
      {
        name: USERS,
        description: "Who uses records, events, RPC and presence logs in for a token.",
      },
    ],
    operations: [
      signUp(options),
      logIn(options),
      runCommands(options),
      listRecords(options),
      readRecord(options),
      HEALTH_CHECK,
    ],
  };
}

function runCommands(options: DeepstreamHttpOptions): Operation {
  const { postPath, bodyBytesMax, batch } = options;
  return {
    id: "runCommands",
    tag: RECORDS,
    method: "post",
    path: postPath,
    alsoAt: [`${postPath}/*`],
    summary: "Run commands",
    description: `Commands run in order and see what those before them did. One that fails takes no other with it; a request that is wrong as a whole runs none. \`"success": true\` of a write means that it is on disk.

The body has ${grouped(bodyBytesMax)} bytes at most (\`deepstream.http.body_bytes_max\`), and may be compressed with gzip or deflate. What is not done within ${grouped(batch.timeoutMs)} milliseconds (\`deepstream.http.request_timeout_ms\`) is answered as timed out.`,
    caller: "anyone",
    body: { required: true, content: { [JSON_TYPE]: requestOf(options) } },
    answers: {
      200: {
        description: "The answers to the commands.",
        content: { [JSON_TYPE]: BatchAnswer },
      },
      ...POST_ONLY,
      ...textFailures(
        STATUSES,
        "invalid_argument",
        "body_late",
        "unauthenticated",
        "limit_exceeded",
        "identity_provider_unavailable",
        "stopping",
      ),
    },
    examples: [
      {
        name: "batch",
        summary: "Write a record, change it, read it, and tell of it",
        body: {
          body: [
            {
              topic: "record",
              action: "write",
              recordName: "users/123",
              data: { firstname: "Alan" },
            },
            {
              topic: "record",
              action: "write",
              recordName: "users/123",
              path: "lastname",
              version: 2,
              data: "Smith",
            },
            { topic: "record", action: "read", recordName: "users/123" },
            { topic: "event", action: "emit", eventName: "lights-on", data: 134.52 },
          ],
        },
        answer: {
          status: 200,
          body: {
            result: "SUCCESS",
            body: [
              { success: true },
              { success: true },
              { version: 2, data: { firstname: "Alan", lastname: "Smith" }, success: true },
              { success: true },
            ],
          },
        },
      },
      {
        name: "failing",
        summary: "A version that exists already, a call that nobody takes, and who is online",
        body: {
          body: [
            {
              topic: "record",
              action: "write",
              recordName: "users/123",
              version: 2,
              data: { firstname: "Ada" },
            },
            { topic: "rpc", action: "make", rpcName: "add", data: { a: 1, b: 2 } },
            { topic: "presence", action: "query", names: ["alice"] },
          ],
        },
        answer: {
          status: 200,
          body: {
            result: "PARTIAL_SUCCESS",
            body: [
              {
                success: false,
                error: 'Record update failed. Version 2 exists for record "users/123".',
                errorTopic: "record",
                errorEvent: "VERSION_EXISTS",
                currentVersion: 2,
                currentData: { firstname: "Alan", lastname: "Smith" },
              },
              {
                success: false,
                error: 'No provider was available to handle the RPC "add".',
                errorTopic: "rpc",
                errorEvent: "NO_RPC_PROVIDER",
              },
              { users: { alice: false }, success: true },
            ],
          },
        },
      },
      {
        name: "list",
        summary: "A list of names, written and deleted",
        body: {
          body: [
            { topic: "list", action: "write", listName: "users", data: ["users/123"] },
            { topic: "list", action: "delete", listName: "users" },
          ],
        },
        answer: {
          status: 200,
          body: { result: "SUCCESS", body: [{ success: true }, { success: true }] },
        },
      },
      {
        name: "wrong",
        summary: "A command that there is not",
        body: { body: [{ topic: "record", action: "patch", recordName: "users/123" }] },
        answer: {
          status: 400,
          body: "Failed to parse JIF object at index 0. Reason: property 'action' should be one of read, head, write, delete, notify",
        },
      },
      {
        name: "bad-token",
        summary: "With a token that is not good",
        body: {
          token: "not-a-token",
          body: [{ topic: "record", action: "read", recordName: "users/123" }],
        },
        answer: { status: 401, body: UNAUTHENTICATED },
      },
    ],
  };
}

/** What else is in it is not looked at. */
function requestOf({ allowsCredentials }: DeepstreamHttpOptions): TObject {
  return Type.Object(
    {
      token: Type.Optional(
        Type.String({
          minLength: 1,
          description:
            "Of a login. Without one the commands need the way to log in that asks nobody, `open`.",
        }),
      ),
      ...(allowsCredentials
        ? {
            authData: Type.Optional(
              Type.Object({}, { description: "Credentials, as of a login." }),
            ),
          }
        : {}),
      body: Type.Array(Command, { minItems: 1, description: "The commands." }),
    },
    { title: "Commands", description: "A batch of commands." },
  );
}

function logIn(options: DeepstreamHttpOptions): Operation {
  const [path, ...alsoAt] = authPaths(options);
  return {
    id: "logIn",
    tag: USERS,
    method: "post",
    path,
    alsoAt,
    summary: "Log in",
    description:
      "The credentials are those of a way to log in that is in `deepstream.auth`: of `email`, the address and password of a user that the server keeps.",
    caller: "anyone",
    body: {
      required: true,
      content: {
        [JSON_TYPE]: Type.Object(
          {
            type: Type.Optional(Type.String({ description: "The way to log in." })),
            email: Type.Optional(Type.String()),
            username: Type.Optional(Type.String()),
            password: Type.Optional(Type.String()),
          },
          { description: "Credentials; a webhook may ask for others." },
        ),
      },
    },
    answers: {
      200: { description: "A token.", content: { [JSON_TYPE]: LoginAnswer } },
      ...POST_ONLY,
      ...textFailures(
        STATUSES,
        "invalid_argument",
        "body_late",
        "unauthenticated",
        "limit_exceeded",
        "identity_provider_unavailable",
        "stopping",
      ),
    },
    examples: [
      {
        name: "email",
        summary: "By an email address",
        body: { type: "email", email: "alice@example.com", password: "correct horse" },
        answer: {
          status: 200,
          body: {
            success: true,
            token: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI2Yz…",
            clientData: { id: "6c9a3c5e-0b1f-4f0e-9d47-3f0a4b1f0c11" },
          },
        },
      },
      {
        name: "wrong",
        summary: "With a wrong password",
        body: { type: "email", email: "alice@example.com", password: "a guess" },
        answer: { status: 401, body: "Invalid authentication data." },
      },
    ],
  };
}

function signUp(options: DeepstreamHttpOptions): Operation {
  const [path, ...others] = authPaths(options);
  return {
    id: "signUp",
    tag: USERS,
    method: "post",
    path: `${path}/signup`,
    alsoAt: others.map((other) => `${other}/signup`),
    summary: "Become a user",
    description: `There is this only where \`deepstream.email.sign_up\` is on, as it is ${options.allowsSignUp ? "" : "not "}on this server.`,
    caller: "anyone",
    body: {
      required: true,
      content: {
        [JSON_TYPE]: Type.Object({ email: Type.String(), password: Type.String() }),
      },
    },
    answers: {
      201: {
        description: "There is such a user now.",
        content: { [JSON_TYPE]: SignUpAnswer },
      },
      ...POST_ONLY,
      ...textFailures(
        STATUSES,
        "invalid_argument",
        "body_late",
        "user_exists",
        "limit_exceeded",
        "storage_full",
        "stopping",
        "outcome_unknown",
      ),
    },
    examples: [
      {
        name: "new",
        summary: "With an email address",
        body: { email: "alice@example.com", password: "correct horse" },
        answer: {
          status: 201,
          body: { success: true, id: "6c9a3c5e-0b1f-4f0e-9d47-3f0a4b1f0c11" },
        },
      },
      {
        name: "again",
        summary: "Once more",
        body: { email: "alice@example.com", password: "correct horse" },
        answer: { status: 409, body: "There is a user with this email address already." },
      },
    ],
  };
}

function listRecords({ postPath }: DeepstreamHttpOptions): Operation {
  return {
    id: "listRecords",
    tag: RECORDS,
    method: "get",
    path: `${postPath}/records`,
    summary: "List records by name",
    caller: "user",
    parameters: {
      query: Type.Object({
        prefix: Type.Optional(Type.String({ description: "What their names begin with." })),
        ...PageQuery.properties,
      }),
    },
    answers: {
      200: { description: "A page of them.", content: { [JSON_TYPE]: RecordPage } },
      403: POST_ONLY[403],
      ...READ_FAILURES,
    },
    examples: [
      {
        name: "users",
        summary: "Of users",
        token: "none",
        query: { prefix: "users/", limit: 10 },
        answer: {
          status: 200,
          body: { records: [{ name: "users/123", version: 2, bytes: 39 }], next: null },
        },
      },
      {
        name: "too-many",
        summary: "More than there may be in a page",
        token: "none",
        query: { limit: 1001 },
        answer: {
          status: 400,
          body: "The query parameter limit must be a whole number from 1 to 1000 in decimal digits.",
        },
      },
    ],
  };
}

function readRecord({ postPath }: DeepstreamHttpOptions): Operation {
  const path = { recordName: "users/123" };
  return {
    id: "readRecord",
    tag: RECORDS,
    method: "get",
    path: `${postPath}/records/{recordName}`,
    summary: "Read a record",
    description:
      "Its version is the ETag. After a record was deleted and written again, the same version can be another text.",
    caller: "user",
    parameters: {
      path: Type.Object({
        recordName: Type.String({ minLength: 1, description: "`/` is written as `%2F`." }),
      }),
      header: Type.Object({
        "If-None-Match": Type.Optional(Type.String({ description: "The ETag that you have." })),
      }),
    },
    answers: {
      200: {
        description: "Its data.",
        headers: Type.Object({ ETag: Type.String({ description: "Its version, in quotes." }) }),
        content: { [JSON_TYPE]: Type.Unknown() },
      },
      304: {
        description: "You have this version already.",
        headers: Type.Object({ ETag: Type.String() }),
      },
      403: POST_ONLY[403],
      404: { description: "- There is no such record.", content: TEXT },
      ...READ_FAILURES,
    },
    examples: [
      {
        name: "read",
        summary: "A record",
        token: "none",
        path,
        answer: {
          status: 200,
          headers: { ETag: '"2"' },
          body: { firstname: "Alan", lastname: "Smith" },
        },
      },
      {
        name: "unchanged",
        summary: "If it has changed",
        token: "none",
        path,
        headers: { "If-None-Match": '"2"' },
        answer: { status: 304, headers: { ETag: '"2"' } },
      },
      {
        name: "none",
        summary: "One that there is not",
        token: "none",
        path: { recordName: "users/7" },
        answer: { status: 404, body: 'Record "users/7" could not be found.' },
      },
    ],
  };
}

const READ_FAILURES = textFailures(
  STATUSES,
  "invalid_argument",
  "unauthenticated",
  "limit_exceeded",
  "identity_provider_unavailable",
  "stopping",
);

const HEALTH_CHECK: Operation = {
  id: "deepstreamHealthCheck",
  tag: RECORDS,
  method: "get",
  path: "/health-check",
  summary: "Is it alive, as deepstream tells it",
  caller: "anyone",
  answers: {
    200: {
      description: "It is. The body is empty.",
      content: { [JSON_TYPE]: Type.String() },
    },
    ...textFailures(STATUSES, "stopping"),
  },
  examples: [{ name: "alive", summary: "Is it alive", answer: { status: 200 } }],
};
