// Requests and answers that were recorded from the open-source server, and where ours differ on purpose.

import { expect } from "bun:test";

export interface Recorded {
  readonly label: string;
  /** Commands that bring about what the request found. */
  readonly before?: readonly object[];
  /** POST, where there is none. */
  readonly method?: string;
  /** The path for commands, where there is none. */
  readonly path?: string;
  /** A POST has the content type of JSON beside them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly status: number;
  /** Text, or what the JSON of the answer means, without the empty line behind it. */
  readonly answer: unknown;
  readonly answerHeaders?: Readonly<Record<string, unknown>>;
  readonly differs?: Difference;
}

/** What ours answers instead, and why; the rest is as it was recorded. */
interface Difference {
  readonly why: string;
  readonly status?: number;
  readonly answer?: unknown;
  readonly answerHeaders?: Readonly<Record<string, unknown>>;
  /** Whether the answer comes without the empty line behind it. */
  readonly isBare?: boolean;
}

export interface Expected {
  readonly status: number;
  readonly answer: unknown;
  readonly answerHeaders: Readonly<Record<string, unknown>>;
  readonly isText: boolean;
  /** What the body ends with. */
  readonly end: string;
}

export function expectedOf({ status, answer, answerHeaders = {}, differs }: Recorded): Expected {
  return {
    status: differs?.status ?? status,
    answer: differs?.answer ?? ours(answer),
    answerHeaders: { ...answerHeaders, ...differs?.answerHeaders },
    isText: typeof (differs?.answer ?? answer) === "string",
    end: (differs?.answer ?? answer) === "" || differs?.isBare ? "" : "\r\n\r\n",
  };
}

// What differs everywhere: these texts are free, and an event is told by its name.
function ours(answer: unknown): unknown {
  if (typeof answer !== "string") return withNames(answer);
  const [, index] = /^Failed to parse JIF object at index (\d+)\./.exec(answer) ?? [];
  if (index !== undefined) {
    const text = new RegExp(`^Failed to parse JIF object at index ${index}\\.( Reason: .+)?$`);
    return expect.stringMatching(text);
  }
  if (!answer.startsWith("Failed to parse body of request: ")) return answer;
  return expect.stringMatching(/^Failed to parse body of request: .+/);
}

/** By their numbers on deepstream's wire. */
const EVENTS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  record: { 102: "VERSION_EXISTS", 107: "RECORD_NOT_FOUND", 108: "INVALID_VERSION" },
  rpc: { 100: "NO_RPC_PROVIDER" },
};

function withNames(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer), (_, value: unknown) => {
    if (!isFailure(value)) return value;
    return { ...value, errorEvent: EVENTS[value.errorTopic]?.[value.errorEvent] };
  });
}

function isFailure(value: unknown): value is { errorTopic: string; errorEvent: number } {
  return (
    typeof value === "object" &&
    value !== null &&
    "errorTopic" in value &&
    "errorEvent" in value &&
    typeof value.errorEvent === "number"
  );
}
