// Topics on the wire: the HTTP API for Momento Topics, in the edition that a request speaks.

import { invalidArgument } from "../../core/errors.ts";
import { requireName, requireTokenId } from "../../core/names.ts";
import type { Delivery, Position } from "../../core/topics/subscription.ts";
import type { Item, TopicName, Value } from "../../core/topics/topic-log.ts";
import type { Message } from "../../core/topics/topics.ts";
import { type Query, wholeNumber } from "../../http/query.ts";

/**
 * `seed`: sequence_number is the last one received. `current`, for requests with sequence_page: it is
 * the next one expected, and items carry their page.
 */
export type Edition = "seed" | "current";

export interface SubscribeRequest {
  readonly edition: Edition;
  readonly position: Position;
  readonly timeoutSeconds: number | undefined;
}

/** Printable ASCII without the comma, by which several headers of one name become one. */
const IDEMPOTENCY_KEY = /^(?! )[\x20-\x2b\x2d-\x7e]{1,255}(?<! )$/;

export const BINARY = "application/octet-stream";
const TEXT_CHARSETS: ReadonlySet<string> = new Set(["utf-8", "utf8", "us-ascii"]);

/** A byte order mark is part of the text. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Path parameters are null when their percent-encoding is malformed. */
export function decodeTopicName(cache: string | null, topic: string | null): TopicName {
  return { cache: decodeName("cache name", cache), topic: decodeName("topic name", topic) };
}

export function decodeName(what: string, name: string | null): string {
  return requireName(what, decodePart(what, name));
}

export function decodeTokenId(id: string | null): string {
  return requireTokenId(decodePart("token id", id));
}

export function decodeMessage(headers: Headers, body: ArrayBuffer): Message {
  if (body.byteLength === 0) throw invalidArgument("The message is empty: send at least one byte.");
  return {
    value: decodeValue(headers.get("content-type"), body),
    bytes: body.byteLength,
    idempotencyKey: decodeIdempotencyKey(headers),
  };
}

export function requireIdentityEncoding(headers: Headers): void {
  const encoding = headers.get("content-encoding");
  if (encoding === null || encoding.toLowerCase() === "identity") return;
  throw invalidArgument("Content-Encoding is not supported: send the message as it is.");
}

export function decodeSubscribe(query: Query): SubscribeRequest {
  const sequenceNumber = wholeNumber(query, "sequence_number");
  const sequencePage = wholeNumber(query, "sequence_page");
  const timeoutSeconds = wholeNumber(query, "timeout");
  return sequencePage === undefined
    ? { edition: "seed", position: seedPosition(sequenceNumber), timeoutSeconds }
    : {
        edition: "current",
        position: currentPosition(sequenceNumber ?? 0, sequencePage),
        timeoutSeconds,
      };
}

/** All who were woken by one append share its items, and so one string that is their answer. */
const encoded = new WeakMap<readonly Item[], Map<Edition, string>>();

export function encodeDelivery(delivery: Delivery, edition: Edition): string {
  const { discontinuity, items } = delivery;
  if (discontinuity !== undefined || items.length === 0) return render(delivery, edition);
  const known = encoded.get(items)?.get(edition);
  if (known !== undefined) return known;
  const text = render(delivery, edition);
  encoded.set(items, (encoded.get(items) ?? new Map<Edition, string>()).set(edition, text));
  return text;
}

function render({ discontinuity, items, sequencePage }: Delivery, edition: Edition): string {
  const entries: object[] = items.map((item) => itemOf(item, sequencePage, edition));
  if (discontinuity !== undefined) {
    entries.unshift({
      discontinuity: {
        last_topic_sequence: discontinuity.lastSequenceNumber,
        new_topic_sequence: discontinuity.newSequenceNumber,
        ...(edition === "current" ? { new_sequence_page: sequencePage } : {}),
      },
    });
  }
  return JSON.stringify({ items: entries });
}

function decodePart(what: string, part: string | null): string {
  if (part !== null) return part;
  throw invalidArgument(`The ${what} in the path is not percent-encoded UTF-8.`);
}

function decodeValue(contentType: string | null, body: ArrayBuffer): Value {
  const type = contentType ?? "";
  const end = type.indexOf(";");
  const essence = (end === -1 ? type : type.slice(0, end)).trim().toLowerCase();
  if (essence === BINARY) return new Uint8Array(body);
  if (end !== -1) requireUtf8Charset(type.slice(end + 1));
  try {
    return utf8.decode(body);
  } catch {
    if (essence === "") return new Uint8Array(body);
    throw invalidArgument(
      `The message is not valid UTF-8. Send binary data with Content-Type: ${BINARY}.`,
    );
  }
}

function requireUtf8Charset(parameters: string): void {
  const [, charset] = /(?:^|;)\s*charset\s*=\s*"?([^";\s]*)/i.exec(parameters) ?? [];
  if (charset === undefined || TEXT_CHARSETS.has(charset.toLowerCase())) return;
  throw invalidArgument("Text must be UTF-8: another charset is not supported.");
}

function decodeIdempotencyKey(headers: Headers): string | undefined {
  const key = headers.get("idempotency-key");
  if (key === null || IDEMPOTENCY_KEY.test(key)) return key ?? undefined;
  throw invalidArgument(
    "There may be one Idempotency-Key of 1 to 255 printable ASCII characters, without a comma.",
  );
}

function seedPosition(sequenceNumber: number | undefined): Position {
  if (sequenceNumber === undefined) return { kind: "latest", sequencePage: 0 };
  if (sequenceNumber === 0) return { kind: "retained" };
  return { kind: "after", sequenceNumber, sequencePage: 0 };
}

function currentPosition(sequenceNumber: number, sequencePage: number): Position {
  if (sequenceNumber === 0) return { kind: "latest", sequencePage };
  return { kind: "after", sequenceNumber: sequenceNumber - 1, sequencePage };
}

function itemOf(item: Item, sequencePage: number, edition: Edition) {
  const value =
    typeof item.value === "string" ? { text: item.value } : { binary: item.value.toBase64() };
  const seed = { topic_sequence_number: item.sequenceNumber, value };
  if (edition === "seed") return { item: seed };
  const publisher = item.publisherId === undefined ? {} : { publisher_id: item.publisherId };
  return {
    item: { ...seed, sequence_page: sequencePage, published_at: item.publishedAt, ...publisher },
  };
}
