// Logins and sign-ups, as the description of the API tells them.

import { Type } from "@sinclair/typebox";
import { JSON_TYPE, type Operation } from "../../http/description.ts";
import { textFailures } from "../../http/failures.ts";
import { LoginAnswer, SignUpAnswer } from "./answer-schema.ts";
import { POST_REFUSALS, USERS_TAG } from "./description-parts.ts";
import { STATUSES } from "./errors.ts";
import { authPaths, type DeepstreamHttpOptions } from "./plugin.ts";

/** The sign-up first: its user is the one who logs in. */
export function userOperations(options: DeepstreamHttpOptions): readonly Operation[] {
  return [signUp(options), logIn(options)];
}

function logIn(options: DeepstreamHttpOptions): Operation {
  const [path, ...alsoAt] = authPaths(options);
  return {
    id: "logIn",
    tag: USERS_TAG,
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
    tag: USERS_TAG,
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
      ...POST_REFUSALS,
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
