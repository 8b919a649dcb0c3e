// Tokens and the keys that sign them, as the description of the API tells them.

import { Type } from "@sinclair/typebox";
import { NAME_BYTES_MAX, TOKEN_ID_RULE } from "../../core/names.ts";
import { grouped, JSON_TYPE, type Operation } from "../../http/description.ts";
import { jsonFailure, jsonFailures } from "../../http/failures.ts";
import { IssuedToken, RotateAnswer, TokenAnswer } from "./answers.ts";
import { IssueRequest, RotateRequest, TokenRequest } from "./schema.ts";

export interface TokenLimits {
  readonly tokenSecondsMax: number;
}

const TAG = "Tokens";

export function tokenOperations(limits: TokenLimits): readonly Operation[] {
  return [mint(limits), ISSUE, REVOKE, ROTATE];
}

function mint({ tokenSecondsMax }: TokenLimits): Operation {
  return {
    id: "mintToken",
    tag: TAG,
    method: "post",
    path: "/tokens",
    summary: "Mint a lesser token from one's own",
    description: `The new token can never do more than the one that asks, lives no longer, ends with it and shares its limits. It may live ${grouped(tokenSecondsMax)} seconds at most (\`auth.token_seconds_max\`).`,
    caller: "token",
    body: { required: true, content: { [JSON_TYPE]: TokenRequest } },
    answers: {
      200: { description: "The token.", content: { [JSON_TYPE]: TokenAnswer } },
      ...jsonFailures(
        "invalid_argument",
        "body_late",
        "unauthenticated",
        "permission_denied",
        "limit_exceeded",
        "identity_provider_unavailable",
        "stopping",
      ),
    },
    examples: [
      {
        name: "subscriber",
        summary: "For a browser, to follow one topic for a quarter of an hour",
        body: {
          permissions: [{ cache: "my-cache", topic: "orders-1", role: "subscribe" }],
          expires_in_seconds: 900,
          token_id: "browser-17",
        },
        answer: {
          status: 200,
          body: {
            token: "eyJlbmRwb2ludCI6Imh0dHA6Ly8xMjcuMC4wLjE6NzA3MCIsImFwaV9rZXkiOiJleUouLi4ifQ==",
            endpoint: "http://127.0.0.1:7070",
            expires_at: 1_767_226_500,
          },
        },
      },
      {
        name: "too-much",
        summary: "For more than one's own token allows",
        body: {
          permissions: [{ cache: "another-cache", topic: "*", role: "both" }],
          expires_in_seconds: 900,
        },
        answer: jsonFailure(
          "permission_denied",
          'The token may not grant "both" on topic "*" of cache "another-cache": it may not do so itself.',
        ),
      },
    ],
  };
}

const ISSUE: Operation = {
  id: "issueToken",
  tag: TAG,
  method: "post",
  path: "/tokens/issue",
  summary: "Issue any token",
  description:
    "For topics, for a user or for an administrator, as `millrace token create` does. It stands on its own: it stays when the admin token that asked for it ends.",
  caller: "admin",
  body: { required: true, content: { [JSON_TYPE]: IssueRequest } },
  answers: {
    201: {
      description: "The token, which is told this once.",
      content: { [JSON_TYPE]: IssuedToken },
    },
    ...jsonFailures(
      "invalid_argument",
      "body_late",
      "unauthenticated",
      "permission_denied",
      "limit_exceeded",
      "identity_provider_unavailable",
      "stopping",
    ),
  },
  examples: [
    {
      name: "administrator",
      summary: "For a deployment, to administer for a day",
      body: { admin: true, token_id: "deployment", expires_in_seconds: 86_400 },
      answer: {
        status: 201,
        body: {
          token: "eyJlbmRwb2ludCI6Imh0dHA6Ly8xMjcuMC4wLjE6NzA3MCIsImFwaV9rZXkiOiJleUouLi4ifQ==",
          endpoint: "http://127.0.0.1:7070",
          token_id: "deployment",
          expires_at: 1_767_312_000,
        },
      },
    },
    {
      name: "user",
      summary: "For a user, for ever",
      body: { user: { id: "alice", server_data: { role: "editor" } }, token_id: "alice-1" },
      answer: {
        status: 201,
        body: {
          token: "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl",
          endpoint: "http://127.0.0.1:7070",
          token_id: "alice-1",
          expires_at: null,
        },
      },
    },
    {
      name: "nothing",
      summary: "For nothing",
      body: { token_id: "deployment" },
      answer: jsonFailure(
        "invalid_argument",
        "The token needs permissions, a user, or admin: true.",
      ),
    },
  ],
};

const REVOKE: Operation = {
  id: "revokeToken",
  tag: TAG,
  method: "delete",
  path: "/tokens/{tokenId}",
  summary: "Revoke tokens",
  description:
    "Ends every token of this id that was made until now, and those that were minted from them, at once: their waiting polls end with 401. `user:` and the id of a user ends all of that user's.",
  caller: "admin",
  parameters: {
    path: Type.Object({
      tokenId: Type.String({
        minLength: 1,
        maxLength: NAME_BYTES_MAX,
        description: `The id of the token: ${TOKEN_ID_RULE}.`,
      }),
    }),
  },
  answers: {
    204: { description: "They are revoked, if there were any." },
    ...jsonFailures(
      "invalid_argument",
      "unauthenticated",
      "permission_denied",
      "storage_full",
      "identity_provider_unavailable",
      "stopping",
      "outcome_unknown",
    ),
  },
  examples: [
    {
      name: "id",
      summary: "The tokens of a browser",
      path: { tokenId: "browser-17" },
      answer: { status: 204 },
    },
  ],
};

const ROTATE: Operation = {
  id: "rotateKeys",
  tag: TAG,
  method: "post",
  path: "/keys/rotate",
  summary: "Sign with a new key from now on",
  description: "Old tokens stay good until they expire, unless `revoke_old` ends them.",
  caller: "admin",
  body: { required: false, content: { [JSON_TYPE]: RotateRequest } },
  answers: {
    200: { description: "The new key signs.", content: { [JSON_TYPE]: RotateAnswer } },
    ...jsonFailures(
      "invalid_argument",
      "body_late",
      "unauthenticated",
      "permission_denied",
      "limit_exceeded",
      "identity_provider_unavailable",
      "stopping",
    ),
  },
  examples: [
    {
      name: "keep",
      summary: "And keep the tokens that there are",
      body: { revoke_old: false },
      answer: { status: 200, body: { kid: "Jb1cQ9wZ" } },
    },
  ],
};
