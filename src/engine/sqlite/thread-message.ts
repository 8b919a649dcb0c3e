// Messages between the two threads: JSON in one string, which crosses several times cheaper than objects do.

import type { Command, FromWriter, ToWriter } from "./commands.ts";

/** Values that JSON cannot hold travel beside it. */
export type ThreadMessage = string | readonly [json: string, ...binaries: Uint8Array[]];

interface Placeholder {
  readonly binary: number;
}

export function packMessage(message: ToWriter | FromWriter): ThreadMessage {
  if (message.kind !== "group" || !message.commands.some(isBinary)) return JSON.stringify(message);
  const binaries: Uint8Array[] = [];
  const json = JSON.stringify(message, (_, value: unknown) => {
    if (!(value instanceof Uint8Array)) return value;
    binaries.push(value);
    return { binary: binaries.length - 1 } satisfies Placeholder;
  });
  return [json, ...binaries];
}

export function unpackMessage<Message extends ToWriter | FromWriter>(
  message: ThreadMessage,
): Message {
  if (typeof message === "string") return JSON.parse(message) as Message;
  const [json, ...binaries] = message;
  return JSON.parse(json, (_, value: unknown) =>
    isPlaceholder(value) ? binaries[value.binary] : value,
  ) as Message;
}

function isBinary(command: Command): boolean {
  if (command.kind === "append") return typeof command.value !== "string";
  if (command.kind !== "import") return false;
  return command.lines.some((line) => line.kind === "item" && typeof line.value !== "string");
}

/** No other object of a message has a member of this name. */
function isPlaceholder(value: unknown): value is Placeholder {
  return typeof value === "object" && value !== null && "binary" in value;
}
