// What clients are told of records, and what they say is to be written.

import { RECORD_ACTION, TOPIC } from "@deepstream/protobuf/dist/types/all";
import { invalidArgument } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { RecordPatch, StoredRecord } from "../../core/records/command.ts";
import { renderPath } from "../../core/records/path.ts";
import type { RecordNews } from "../../core/records/record-subscriptions.ts";
import type { PatchAsked } from "../../core/records/records.ts";
import type { Message } from "./message.ts";

/** Several patches in one message: the package of the protocol is older than this. */
export const PATCH_MULTI = 35;

/** What a client has of a record that does not exist. */
const NOTHING: StoredRecord = { version: -1, data: "{}" };

/** Of every client that knows all actions. */
export function tellRecord(news: RecordNews): Message {
  const { name } = news;
  switch (news.kind) {
    case "set":
      return {
        ...about(RECORD_ACTION.UPDATE, name),
        version: news.version,
        data: news.data,
      };
    case "patched":
      return { ...tellPatches(news.patches, name), version: news.version };
    case "deleted":
      return about(RECORD_ACTION.DELETED, name);
    case "provider": {
      const { SUBSCRIPTION_HAS_PROVIDER, SUBSCRIPTION_HAS_NO_PROVIDER } = RECORD_ACTION;
      return about(
        news.hasProvider ? SUBSCRIPTION_HAS_PROVIDER : SUBSCRIPTION_HAS_NO_PROVIDER,
        name,
      );
    }
  }
}

/** Of clients before 7.1, which pass over several patches in one message: they get the whole. */
export function tellRecordToOld(news: RecordNews): Message {
  if (news.kind !== "patched" || news.data === undefined) return tellRecord(news);
  const { name, version, data } = news;
  return { ...about(RECORD_ACTION.UPDATE, name), version, data };
}

export function readResponse(name: string, record: StoredRecord = NOTHING): Message {
  const { version, data } = record;
  return { ...about(RECORD_ACTION.READ_RESPONSE, name), version, data };
}

export function headResponse(name: string, version: number = NOTHING.version): Message {
  return { ...about(RECORD_ACTION.HEAD_RESPONSE, name), version };
}

/** The versions of the records that there are in one message, and one for each that is not. */
export function headResponses(
  names: readonly string[],
  found: readonly (number | undefined)[],
): readonly Message[] {
  const versions = new Map<string, number>();
  const single: Message[] = [];
  for (const [index, version] of found.entries()) {
    const name = names[index] ?? "";
    // As a member of an object this name would be lost.
    if (version === undefined || name === "__proto__") single.push(headResponse(name, version));
    else versions.set(name, version);
  }
  if (versions.size === 0) return single;
  const { HEAD_RESPONSE_BULK: action } = RECORD_ACTION;
  return [{ topic: TOPIC.RECORD, action, versions: Object.fromEntries(versions) }, ...single];
}

/** Undefined: whatever the next is. Throws `invalid_argument`. */
export function versionOf({ version }: Message): number | undefined {
  if (version === undefined || version === 0 || version === -1) return undefined;
  if (version > 0) return version;
  throw invalidArgument("The version is not valid: allowed are whole numbers from -1.");
}

/** Throws `invalid_argument`. */
export function dataOf({ data }: Message): Json {
  if (data === undefined) throw invalidArgument("The data is missing.");
  try {
    return JSON.parse(data) as Json;
  } catch {
    throw invalidArgument("The data is not valid JSON.");
  }
}

/** Throws `invalid_argument`. */
export function patchesOf(message: Message): readonly PatchAsked[] {
  switch (message.action) {
    case RECORD_ACTION.ERASE:
      return [{ path: message.path ?? "", data: undefined }];
    case PATCH_MULTI:
      return severalOf(dataOf(message));
    default:
      return [{ path: message.path ?? "", data: dataOf(message) }];
  }
}

function severalOf(data: Json): readonly PatchAsked[] {
  if (!Array.isArray(data)) throw invalidArgument("The patches are no array.");
  return data.map((patch: Json) => {
    const isObject = typeof patch === "object" && patch !== null && !Array.isArray(patch);
    if (!isObject) throw invalidArgument("A patch is no object.");
    const { path, data } = patch as { path?: Json; data?: Json };
    if (typeof path !== "string") throw invalidArgument("A patch has no path.");
    return { path, data };
  });
}

function tellPatches(patches: readonly RecordPatch[], name: string): Message {
  const [first] = patches;
  if (first !== undefined && patches.length === 1) {
    const { path, data } = first;
    const message = { ...about(RECORD_ACTION.PATCH, name), path: renderPath(path) };
    return data === undefined ? message : { ...message, data };
  }
  const texts = patches.map(({ path, data }) => {
    const rest = data === undefined ? "" : `,"data":${data}`;
    return `{"path":${JSON.stringify(renderPath(path))}${rest}}`;
  });
  return { ...about(PATCH_MULTI, name), data: `[${texts.join()}]` };
}

function about(action: number, name: string): Message {
  return { topic: TOPIC.RECORD, action, name };
}
