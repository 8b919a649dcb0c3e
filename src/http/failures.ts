// What may go wrong with a request, as the descriptions of the APIs tell it.

import { Type } from "@sinclair/typebox";
import { type ErrorCode, LIMIT_CAUSES, type LimitCause } from "../core/errors.ts";
import {
  type Answers,
  type Content,
  choice,
  type Example,
  JSON_TYPE,
  TEXT,
} from "./description.ts";
import { bodyOf, INTERNAL, SHAPES, WRONG_METHOD } from "./errors.ts";

/** When a request fails so. */
const MEANINGS = {
  invalid_argument: "Something in the request is wrong: the text says what, and what is allowed.",
  body_late: "The body did not arrive in time.",
  unauthenticated:
    "There is no token, or it is malformed, not signed here, expired or revoked: the text says which.",
  permission_denied: "The token is good, but not for this.",
  permission_failed:
    "The rule that decides on this failed, so it is not permitted: the log says why.",
  cache_not_found: "There is no such cache.",
  topic_not_found: "There is no such topic.",
  record_not_found: "There is no such record.",
  user_not_found: "There is no such user.",
  user_exists: "There is such a user already.",
  limit_exceeded: "A limit was reached: the text and `err` say which.",
  storage_full: "The disk or the store is full: nothing was stored. Reading goes on.",
  identity_provider_unavailable:
    "The provider of identities that has to say whether the token or login is good cannot be asked.",
  stopping: "The server is stopping: ask again in a moment.",
  outcome_unknown: "The disk did not answer: the write may or may not have happened.",
} satisfies Record<ErrorCode, string>;

const INTERNAL_MEANING = "The server failed: its log says more.";

const CODES = [
  ...new Set([...Object.values(SHAPES), WRONG_METHOD, INTERNAL].map(({ code }) => code)),
];

const RETRY_AFTER = Type.Object({
  "Retry-After": Type.Integer({
    minimum: 1,
    description: "Seconds after which a retry has a chance.",
  }),
});

const ErrorAnswer = Type.Object(
  {
    status: Type.Integer({ description: "The status of the answer." }),
    title: Type.String({ description: "What HTTP calls the status." }),
    detail: Type.String({ description: "What was wrong, and what is allowed." }),
    code: choice(CODES, "What was wrong, for programs."),
    message: Type.String({ description: "The same as detail." }),
    err: Type.Optional(choice(LIMIT_CAUSES, "Which limit it was, with limit_exceeded.")),
  },
  {
    title: "Error",
    additionalProperties: false,
    description: "Why a request could not be done.",
  },
);

/** What an API that tells its errors in JSON answers to requests that fail with these codes, or by a bug. */
export function jsonFailures(...codes: readonly ErrorCode[]): Answers {
  const lines = codes.map((code) => ({ ...SHAPES[code], meaning: MEANINGS[code] }));
  return failures(
    [...lines, { ...INTERNAL, meaning: INTERNAL_MEANING }].map(({ status, code, meaning }) => ({
      status,
      text: `- \`${code}\`: ${meaning}`,
    })),
    () => ({ [JSON_TYPE]: ErrorAnswer }),
  );
}

/** What an example of a request that fails so is answered. */
export function jsonFailure(code: ErrorCode, text: string, limit?: LimitCause): Example["answer"] {
  const shape = SHAPES[code];
  return { status: shape.status, body: bodyOf(shape, text, limit) };
}

/** As `jsonFailures`, of an API that tells its errors in plain text and has statuses of its own for them. */
export function textFailures(
  statuses: Readonly<Record<ErrorCode, number>>,
  ...codes: readonly ErrorCode[]
): Answers {
  const lines = codes.map((code) => ({ status: statuses[code], text: `- ${MEANINGS[code]}` }));
  return failures(
    [...lines, { status: INTERNAL.status, text: `- ${INTERNAL_MEANING}` }],
    // While the server stops it answers before any API is asked.
    (status) => ({
      ...TEXT,
      ...(status === SHAPES.stopping.status ? { [JSON_TYPE]: ErrorAnswer } : {}),
    }),
  );
}

function failures(
  lines: readonly { readonly status: number; readonly text: string }[],
  contentOf: (status: number) => Content,
): Answers {
  const byStatus = Map.groupBy(lines, ({ status }) => status);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      {
        description: some.map(({ text }) => text).join("\n"),
        ...(status === 429 || status === 503 ? { headers: RETRY_AFTER } : {}),
        content: contentOf(status),
      },
    ]),
  );
}
