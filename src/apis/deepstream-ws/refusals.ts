// The answers to messages that cannot be done, in the words of each topic.

import {
  AUTH_ACTION,
  CONNECTION_ACTION,
  EVENT_ACTION,
  PARSER_ACTION,
  PRESENCE_ACTION,
  RECORD_ACTION,
  RPC_ACTION,
  TOPIC,
} from "@deepstream/protobuf/dist/types/all";
import { type ErrorCode, ServiceError } from "../../core/errors.ts";
import type { Message } from "./message.ts";

interface Words {
  /** What the message says is wrong. */
  readonly invalid: number;
  /** It may not, or cannot, be done. */
  readonly denied: number;
  /** Whether it may be done could not be decided. */
  readonly undecided: number;
}

const WORDS: ReadonlyMap<number, Words> = new Map([
  [
    TOPIC.EVENT as number,
    {
      invalid: EVENT_ACTION.INVALID_MESSAGE_DATA,
      denied: EVENT_ACTION.MESSAGE_DENIED,
      undecided: EVENT_ACTION.MESSAGE_PERMISSION_ERROR,
    },
  ],
  [
    TOPIC.RECORD,
    {
      invalid: RECORD_ACTION.INVALID_MESSAGE_DATA,
      denied: RECORD_ACTION.MESSAGE_DENIED,
      undecided: RECORD_ACTION.MESSAGE_PERMISSION_ERROR,
    },
  ],
  [
    TOPIC.RPC,
    {
      invalid: RPC_ACTION.INVALID_MESSAGE_DATA,
      denied: RPC_ACTION.MESSAGE_DENIED,
      undecided: RPC_ACTION.MESSAGE_PERMISSION_ERROR,
    },
  ],
  [
    TOPIC.PRESENCE,
    {
      invalid: PRESENCE_ACTION.INVALID_PRESENCE_USERS,
      denied: PRESENCE_ACTION.MESSAGE_DENIED,
      undecided: PRESENCE_ACTION.MESSAGE_PERMISSION_ERROR,
    },
  ],
]);

/**
 * For one name of the message; throws what is a bug. `invalid` is the action where the topic has one
 * of its own for what is wrong with this message.
 */
export function refusal(
  message: Message,
  name: string | undefined,
  cause: unknown,
  invalid?: number,
): Message {
  const words = WORDS.get(message.topic);
  if (!(cause instanceof ServiceError) || words === undefined) throw cause;
  return {
    topic: message.topic,
    action: actionFor(cause.code, { ...words, invalid: invalid ?? words.invalid }),
    originalAction: message.action,
    isError: true,
    ...(name === undefined ? {} : { name }),
    ...(message.correlationId === undefined ? {} : { correlationId: message.correlationId }),
    ...(message.isWriteAck === undefined ? {} : { isWriteAck: message.isWriteAck }),
  };
}

function actionFor(code: ErrorCode, { invalid, denied, undecided }: Words): number {
  if (code === "invalid_argument") return invalid;
  return code === "permission_failed" ? undecided : denied;
}

/** One for each name that the message has: a client that is told of none takes all its names for refused. */
export function refusals(message: Message, cause: unknown): readonly Message[] {
  return namesOf(message).map((name) => refusal(message, name, cause));
}

/** Undefined where the message has no name at all. */
function namesOf({ name, names = [] }: Message): readonly (string | undefined)[] {
  return names.length > 0 ? names : [name];
}

export const MALFORMED_MESSAGE: Message = parserError(PARSER_ACTION.MESSAGE_PARSE_ERROR);
export const TOO_LARGE: Message = parserError(PARSER_ACTION.MAXIMUM_MESSAGE_SIZE_EXCEEDED);
/** The server failed at the message; its log says more. */
export const FAILED: Message = parserError(PARSER_ACTION.ERROR);

export function unknownTopic(topic: number): Message {
  return parserError(PARSER_ACTION.UNKNOWN_TOPIC, { originalTOPIC: topic });
}

export function unknownAction({ topic, action }: Message): Message {
  return parserError(PARSER_ACTION.UNKNOWN_ACTION, {
    originalTOPIC: topic,
    originalAction: action,
  });
}

export const NOT_A_CHALLENGE: Message = {
  topic: TOPIC.CONNECTION,
  action: CONNECTION_ACTION.INVALID_MESSAGE,
  isError: true,
};

export const NOT_A_LOGIN: Message = {
  topic: TOPIC.AUTH,
  action: AUTH_ACTION.INVALID_MESSAGE,
  isError: true,
};

function parserError(action: number, more: Partial<Message> = {}): Message {
  return { topic: TOPIC.PARSER, action, ...more };
}
