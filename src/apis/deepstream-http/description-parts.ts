// What the descriptions of this API's operations share.

import { type Answers, TEXT } from "../../http/description.ts";

export const RECORDS_TAG = "Records, events, RPC and presence";
export const USERS_TAG = "Users";

export const WRONG_ORIGIN = {
  description: "- The page's origin may not call (`deepstream.origins`).",
  content: TEXT,
};

/** What reading a record by GET may be refused with. */
export const READ_DENIED = {
  description: [
    WRONG_ORIGIN.description,
    "- The rules do not permit it.",
    "- The rule that decides failed, so it is not permitted: the log says why.",
  ].join("\n"),
  content: TEXT,
};

/** What any POST may be refused with before it is looked into. */
export const POST_REFUSALS: Answers = {
  403: WRONG_ORIGIN,
  415: { description: "- The body is not `application/json`.", content: TEXT },
};
