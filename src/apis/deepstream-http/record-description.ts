// Records by GET, as the description of the API tells them.

import { Type } from "@sinclair/typebox";
import { JSON_TYPE, type Operation, TEXT } from "../../http/description.ts";
import { textFailures } from "../../http/failures.ts";
import { PageQuery } from "../../http/page-query.ts";
import { RecordPage } from "./answer-schema.ts";
import { READ_DENIED, RECORDS_TAG } from "./description-parts.ts";
import { STATUSES } from "./errors.ts";
import type { DeepstreamHttpOptions } from "./plugin.ts";

const READ_FAILURES = textFailures(
  STATUSES,
  "invalid_argument",
  "unauthenticated",
  "limit_exceeded",
  "identity_provider_unavailable",
  "stopping",
);

export function recordOperations(options: DeepstreamHttpOptions): readonly Operation[] {
  return [listRecords(options), readRecord(options)];
}

function listRecords({ postPath }: DeepstreamHttpOptions): Operation {
  return {
    id: "listRecords",
    tag: RECORDS_TAG,
    method: "get",
    path: `${postPath}/records`,
    summary: "List records by name",
    description:
      "It names nothing that the user may not read. Where the first 10,000 of the records may not be read, it is 400 and asks for a longer `prefix`.",
    caller: "user",
    parameters: {
      query: Type.Object({
        prefix: Type.Optional(Type.String({ description: "What their names begin with." })),
        ...PageQuery.properties,
      }),
    },
    answers: {
      200: { description: "A page of them.", content: { [JSON_TYPE]: RecordPage } },
      403: READ_DENIED,
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
    tag: RECORDS_TAG,
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
      403: READ_DENIED,
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
