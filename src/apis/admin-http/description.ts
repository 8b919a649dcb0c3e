// The administration as it tells of itself.

import { type TObject, Type } from "@sinclair/typebox";
import { type ApiDescription, JSON_TYPE, type Operation } from "../../http/description.ts";
import { jsonFailure } from "../../http/failures.ts";
import { PageQuery } from "../../http/page-query.ts";
import { AddedUser, Disconnected, RecordAnswer, ReplacedRecord, UserList } from "./answers.ts";
import { answer, refusals, TAG, WRITE_FAILURES } from "./description-parts.ts";
import { NewUserRequest, PasswordRequest, RecordRequest } from "./schema.ts";
import { SERVER_OPERATIONS } from "./server-description.ts";

const BOB = { email: "bob@example.com" };
const RECORD = { name: "users/bob" };

export function adminHttpDescription(): ApiDescription {
  return {
    tags: [
      {
        name: TAG,
        description:
          "Users, their connections, what records hold, imports, the limits in force and reload, for who has an admin token. `millrace` does the same on the command line. No page of another origin may call these.",
      },
    ],
    operations: [...USER_OPERATIONS, ...RECORD_OPERATIONS, ...SERVER_OPERATIONS],
  };
}

const USER_OPERATIONS: readonly Operation[] = [
  {
    id: "addUser",
    tag: TAG,
    method: "post",
    path: "/users",
    summary: "Add a user",
    description:
      "The address is kept in lower case. Client data and server data are 8192 bytes at most together.",
    caller: "admin",
    body: { required: true, content: { [JSON_TYPE]: NewUserRequest } },
    answers: {
      201: answer("There is such a user now.", AddedUser),
      ...refusals("body_late", "user_exists", "limit_exceeded", ...WRITE_FAILURES),
    },
    examples: [
      {
        name: "add",
        summary: "With a name for the client, and a role for the rules",
        body: {
          ...BOB,
          password: "correct horse",
          client_data: { name: "Bob" },
          server_data: { role: "editor" },
        },
        answer: { status: 201, body: { id: "0f3c7a52-7a4e-4d52-8a7d-6f3f1a1f2b10" } },
      },
      {
        name: "again",
        summary: "Once more",
        body: { ...BOB, password: "correct horse" },
        answer: jsonFailure("user_exists", "There is a user with this email address already."),
      },
    ],
  },
  {
    id: "listUsers",
    tag: TAG,
    method: "get",
    path: "/users",
    summary: "List the users",
    caller: "admin",
    parameters: { query: PageQuery },
    answers: { 200: answer("A page of them.", UserList), ...refusals() },
    examples: [
      {
        name: "page",
        summary: "After an address",
        query: { after: "alice@example.com", limit: 1 },
        answer: {
          status: 200,
          body: {
            users: [
              {
                ...BOB,
                id: "0f3c7a52-7a4e-4d52-8a7d-6f3f1a1f2b10",
                client_data: { name: "Bob" },
                server_data: { role: "editor" },
                created_at: 1_767_225_600_000,
              },
            ],
          },
        },
      },
    ],
  },
  {
    id: "setPassword",
    tag: TAG,
    method: "put",
    path: "/users/{email}/password",
    summary: "Give a user another password",
    description: "Ends the user's tokens.",
    caller: "admin",
    parameters: { path: emailPath() },
    body: { required: true, content: { [JSON_TYPE]: PasswordRequest } },
    answers: {
      204: { description: "It is the password from now on." },
      ...refusals("body_late", "user_not_found", "limit_exceeded", ...WRITE_FAILURES),
    },
    examples: [
      {
        name: "change",
        summary: "Another password",
        path: BOB,
        body: { password: "battery staple" },
        answer: { status: 204 },
      },
    ],
  },
  {
    id: "disconnectUser",
    tag: TAG,
    method: "delete",
    path: "/connections",
    summary: "End the connections of a user",
    description: "The user's programs come back by themselves, where they can still log in.",
    caller: "admin",
    parameters: {
      query: Type.Object({ user: Type.String({ description: "The id of the user." }) }),
    },
    answers: { 200: answer("They are ended.", Disconnected), ...refusals() },
    examples: [
      {
        name: "disconnect",
        summary: "Of a user who is not connected",
        query: { user: "bob" },
        answer: { status: 200, body: { disconnected: 0 } },
      },
    ],
  },
  {
    id: "removeUser",
    tag: TAG,
    method: "delete",
    path: "/users/{email}",
    summary: "Remove a user",
    description: "Ends the user's tokens.",
    caller: "admin",
    parameters: { path: emailPath() },
    answers: {
      204: { description: "The user is gone." },
      ...refusals("user_not_found", ...WRITE_FAILURES),
    },
    examples: [
      { name: "remove", summary: "Remove a user", path: BOB, answer: { status: 204 } },
      {
        name: "none",
        summary: "One that there is not",
        path: { email: "nobody@example.com" },
        answer: jsonFailure("user_not_found", "There is no user with this email address."),
      },
    ],
  },
];

const RECORD_OPERATIONS: readonly Operation[] = [
  {
    id: "replaceRecord",
    tag: TAG,
    method: "put",
    path: "/records",
    summary: "Replace what a record holds",
    description: "Subscribers learn of it by a notify, or never.",
    caller: "admin",
    parameters: { query: recordQuery() },
    body: { required: true, content: { [JSON_TYPE]: RecordRequest } },
    answers: {
      200: answer("It holds this now.", ReplacedRecord),
      ...refusals("body_late", "limit_exceeded", ...WRITE_FAILURES),
    },
    examples: [
      {
        name: "replace",
        summary: "In a version of one's own",
        query: RECORD,
        body: { data: { firstname: "Bob" }, version: 7 },
        answer: { status: 200, body: { version: 7 } },
      },
    ],
  },
  {
    id: "getRecord",
    tag: TAG,
    method: "get",
    path: "/records",
    summary: "Show what a record holds",
    caller: "admin",
    parameters: { query: recordQuery() },
    answers: { 200: answer("The record.", RecordAnswer), ...refusals("record_not_found") },
    examples: [
      {
        name: "show",
        summary: "A record",
        query: RECORD,
        answer: { status: 200, body: { version: 7, data: { firstname: "Bob" } } },
      },
    ],
  },
  {
    id: "notifyRecord",
    tag: TAG,
    method: "post",
    path: "/records/notify",
    summary: "Tell the subscribers of a record what it holds",
    caller: "admin",
    parameters: { query: recordQuery() },
    answers: { 204: { description: "They are told." }, ...refusals() },
    examples: [{ name: "notify", summary: "Tell them", query: RECORD, answer: { status: 204 } }],
  },
  {
    id: "deleteRecord",
    tag: TAG,
    method: "delete",
    path: "/records",
    summary: "Take a record away",
    description: "Subscribers learn of it by a notify, or never.",
    caller: "admin",
    parameters: { query: recordQuery() },
    answers: {
      204: { description: "It is gone." },
      ...refusals("record_not_found", ...WRITE_FAILURES),
    },
    examples: [
      { name: "delete", summary: "A record", query: RECORD, answer: { status: 204 } },
      {
        name: "none",
        summary: "Once more",
        query: RECORD,
        answer: jsonFailure("record_not_found", "There is no record of this name."),
      },
    ],
  },
];

function emailPath(): TObject {
  return Type.Object({ email: Type.String({ description: "The address of the user." }) });
}

function recordQuery(): TObject {
  return Type.Object({
    name: Type.String({ minLength: 1, description: "The name of the record." }),
  });
}
