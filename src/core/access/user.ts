// Who uses records, events, RPCs and presence.

import type { Json } from "../json.ts";

export interface User {
  readonly id: string;
  /** What the user's own client is told at login; undefined: nothing. */
  readonly clientData: Json | undefined;
  /** What the rules see of the user; no client is told. */
  readonly serverData: Json | undefined;
}

/** The id of everybody who has not said who they are. Never listed as present. */
export const ANONYMOUS_ID = "open";
