// What this API answers, as its description tells it.

import { type Static, Type } from "@sinclair/typebox";

const CLOSED = { additionalProperties: false };
const MILLISECONDS = "Milliseconds since 1970.";
const PAGE =
  "The incarnation of the topic's numbers: it changes when the topic is deleted and made anew.";

const Value = Type.Union([
  Type.Object({ text: Type.String() }, CLOSED),
  Type.Object({ binary: Type.String({ description: "In base64." }) }, CLOSED),
]);

const Item = Type.Object(
  {
    topic_sequence_number: Type.Integer({ minimum: 1, description: "Its place in the topic." }),
    value: Value,
    sequence_page: Type.Optional(Type.Integer({ description: PAGE })),
    published_at: Type.Optional(Type.Integer({ description: MILLISECONDS })),
    publisher_id: Type.Optional(
      Type.String({ description: "The id that the publisher's token was given by name." }),
    ),
  },
  {
    title: "Item",
    ...CLOSED,
    description:
      "A message. sequence_page, published_at and publisher_id are told to requests with sequence_page.",
  },
);

const Discontinuity = Type.Object(
  {
    last_topic_sequence: Type.Integer({ description: "The last number that you have." }),
    new_topic_sequence: Type.Integer({ description: "The number of what follows." }),
    new_sequence_page: Type.Optional(Type.Integer({ description: PAGE })),
  },
  {
    title: "Discontinuity",
    ...CLOSED,
    description: "Messages between the last that you have and what follows are gone.",
  },
);

export const Delivery = Type.Object(
  {
    items: Type.Array(
      Type.Union([
        Type.Object({ item: Item }, CLOSED),
        Type.Object({ discontinuity: Discontinuity }, CLOSED),
      ]),
      { description: "Oldest first; none when the wait ended without a message." },
    ),
  },
  { title: "Delivery", ...CLOSED, description: "What one poll brings." },
);

export const TopicPage = Type.Object(
  {
    topics: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          sequence_page: Type.Integer({ description: PAGE }),
          first_sequence_number: Type.Integer({
            description: "Of the oldest message that is there.",
          }),
          last_sequence_number: Type.Integer({ description: "Of the newest." }),
          bytes: Type.Integer({ description: "Its messages, each with 64 bytes for its row." }),
          waiters: Type.Integer({ description: "Polls that wait for a message." }),
        },
        CLOSED,
      ),
      { description: "In bytewise order of their names." },
    ),
    next: Type.Union([Type.String(), Type.Null()], {
      description: "What `after` of the next page is; null: there is none.",
    }),
  },
  { title: "TopicPage", ...CLOSED, description: "Some topics of a cache." },
);

const FIGURE = Type.Integer({ minimum: 0, description: "0: no limit." });

export const CacheAnswer = Type.Object(
  {
    name: Type.String(),
    created_at: Type.Integer({ description: MILLISECONDS }),
    retention: Type.Object({ seconds: FIGURE, bytes: FIGURE, topic_items: FIGURE }, CLOSED),
    limits: Type.Object(
      {
        topics: FIGURE,
        stored_bytes: FIGURE,
        publishes_per_second: FIGURE,
        bytes_per_second: FIGURE,
        waiters: FIGURE,
      },
      CLOSED,
    ),
    topics: Type.Integer({ description: "How many there are." }),
    bytes: Type.Integer({ description: "What they hold, each message with 64 bytes for its row." }),
    waiters: Type.Integer({ description: "Polls that wait on it." }),
  },
  {
    title: "Cache",
    ...CLOSED,
    description: "A cache: its settings, where it has none of its own those of the server.",
  },
);
export type CacheAnswer = Static<typeof CacheAnswer>;

export const CacheList = Type.Object(
  { caches: Type.Array(CacheAnswer) },
  { title: "CacheList", ...CLOSED },
);

const TALLY = { minimum: 0 };

export const CacheUsage = Type.Object(
  {
    topics: Type.Integer({ ...TALLY, description: "How many there are." }),
    items: Type.Integer({ ...TALLY, description: "Messages that are there." }),
    bytes: Type.Integer({
      ...TALLY,
      description: "What they hold, each message with 64 bytes for its row.",
    }),
    waiters: Type.Integer({ ...TALLY, description: "Polls that wait on it." }),
    idempotency_keys: Type.Integer({ ...TALLY, description: "Keys that are remembered." }),
  },
  { title: "CacheUsage", ...CLOSED, description: "What a cache holds, counted." },
);

export const TokenAnswer = Type.Object(
  {
    token: Type.String({ description: "In the form of Momento's keys." }),
    endpoint: Type.String({ description: "Where it is good, as it says itself." }),
    expires_at: Type.Integer({ description: "Seconds since 1970." }),
  },
  { title: "MintedToken", ...CLOSED },
);
export type TokenAnswer = Static<typeof TokenAnswer>;

export const IssuedToken = Type.Object(
  {
    token: Type.String({ description: "In the form that was asked for." }),
    endpoint: TokenAnswer.properties.endpoint,
    token_id: Type.String({ description: "The id that revokes it." }),
    expires_at: Type.Union([Type.Integer(), Type.Null()], {
      description: "Seconds since 1970; null: it is good for ever.",
    }),
  },
  { title: "IssuedToken", ...CLOSED },
);

export const RotateAnswer = Type.Object(
  { kid: Type.String({ description: "The id of the key that signs from now on." }) },
  { title: "RotatedKeys", ...CLOSED },
);
