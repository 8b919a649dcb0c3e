// What is answered to the commands of a batch.

import type { ServiceError } from "../../core/errors.ts";
import type { RpcOutcome } from "../../core/rpc/pending-call.ts";
import type { Command } from "./codec.ts";
import { type Deed, failure, failureOf } from "./errors.ts";

export const SUCCESS = '{"success":true}';
const TIMED_OUT = failure(
  "connection",
  "HTTP_REQUEST_TIMEOUT",
  "Request exceeded timeout before a response was received.",
);
const FAILED = '{"success":false';

/** What the command failed with; undefined: a bug. */
export function encodeFailure(command: Command, error: ServiceError | undefined): string {
  return failureOf(deedOf(command), operationOf(command), error);
}

/** What a provider gave, which may be long. */
export function answerOf(outcome: RpcOutcome): string {
  if (outcome.kind === "error") return outcome.error;
  return outcome.kind === "result" ? (outcome.data ?? "") : "";
}

export function encodeCall(name: string, outcome: RpcOutcome): string {
  switch (outcome.kind) {
    case "result":
      return outcome.data === undefined ? SUCCESS : `{"data":${outcome.data},"success":true}`;
    case "error":
      return `{"success":false,"error":${outcome.error},"errorTopic":"rpc"}`;
    case "no_provider":
      return failure(
        "rpc",
        "NO_RPC_PROVIDER",
        `No provider was available to handle the RPC "${name}".`,
      );
    case "accept_timeout":
      return failure("rpc", "ACCEPT_TIMEOUT", "The RPC was not accepted in time by the provider.");
    case "response_timeout":
      return failure(
        "rpc",
        "RESPONSE_TIMEOUT",
        "The RPC response timeout was exceeded by the provider.",
      );
    case "provider_gone":
      return failure(
        "rpc",
        "RESPONSE_TIMEOUT",
        "The provider went away before it answered the RPC.",
      );
    case "aborted":
      return TIMED_OUT;
  }
}

/** What was not answered timed out. */
export function encodeAnswers(answers: (string | undefined)[]): string {
  let succeeded = 0;
  // By index: a sparse array has no entry to iterate over where nothing was answered.
  for (let index = 0; index < answers.length; index += 1) {
    answers[index] ??= TIMED_OUT;
    if (answers[index] === SUCCESS || !answers[index]?.startsWith(FAILED)) succeeded += 1;
  }
  const result =
    succeeded === answers.length ? "SUCCESS" : succeeded === 0 ? "FAILURE" : "PARTIAL_SUCCESS";
  return `{"result":"${result}","body":[${answers.join()}]}`;
}

function deedOf({ kind }: Command): Deed {
  switch (kind) {
    case "call":
      return "rpc";
    case "emit":
      return "event";
    case "query":
      return "presence";
    case "read":
    case "head":
      return "record-read";
    case "write":
    case "patch":
      return "record-write";
    case "delete":
      return "record-delete";
    case "notify":
      return "record-notify";
  }
}

/** As the protocol calls it, for whoever may not. */
function operationOf(command: Command): string {
  switch (command.kind) {
    case "emit":
      return "emit";
    case "call":
      return "REQUEST";
    case "query":
      return command.names === undefined ? "QUERY_ALL" : "QUERY";
    case "write":
      return "CREATEANDUPDATE";
    case "patch":
      return "CREATEANDPATCH";
    default:
      return command.kind.toUpperCase();
  }
}

export function encodeHead(version: number): string {
  return `{"version":${version},"success":true}`;
}
