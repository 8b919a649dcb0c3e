// Batches of commands, as the description of the API tells them.

import { type TObject, Type } from "@sinclair/typebox";
import { grouped, JSON_TYPE, type Operation } from "../../http/description.ts";
import { textFailures } from "../../http/failures.ts";
import { BatchAnswer } from "./answer-schema.ts";
import { POST_REFUSALS, RECORDS_TAG } from "./description-parts.ts";
import { STATUSES } from "./errors.ts";
import { type DeepstreamHttpOptions, UNAUTHENTICATED } from "./plugin.ts";
import { Command } from "./schema.ts";

export function commandOperation(options: DeepstreamHttpOptions): Operation {
  const { postPath, bodyBytesMax, batch } = options;
  return {
    id: "runCommands",
    tag: RECORDS_TAG,
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
      ...POST_REFUSALS,
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
