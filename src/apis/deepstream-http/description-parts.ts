// What the descriptions of this API's operations share.

import { type Answers, TEXT } from "../../http/description.ts";

export const RECORDS_TAG = "Records, events, RPC and presence";
export const USERS_TAG = "Users";

export const WRONG_ORIGIN = {
  description: "- The page's origin may not call (`deepstream.origins`).",
  content: TEXT,
};

/** What any POST may be refused with before it is looked into. */
export const POST_REFUSALS: Answers = {
  403: WRONG_ORIGIN,
  415: { description: "- The body is not `application/json`.", content: TEXT },
};
