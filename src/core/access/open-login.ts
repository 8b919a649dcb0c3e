// The way in for who says nothing, or nothing but a name.

import type { Credentials, LoginMethod, LoginResult } from "./login.ts";
import { ANONYMOUS_ID, isUserId } from "./user.ts";

export class OpenLogin implements LoginMethod {
  readonly #isAlone: boolean;

  /** Alone, it takes everybody's word for who they are; beside other ways in, nobody's. */
  constructor(isAlone: boolean) {
    this.#isAlone = isAlone;
  }

  async login(credentials: Credentials): Promise<LoginResult | undefined> {
    if (!Object.keys(credentials).every((member) => isHarmless(member, credentials)))
      return undefined;
    const { username = "" } = credentials;
    const id = this.#isAlone && username !== "" ? username : ANONYMOUS_ID;
    if (typeof username !== "string" || typeof id !== "string" || !isUserId(id)) {
      return { kind: "refused" };
    }
    const user = { id, clientData: undefined, serverData: undefined };
    return { kind: "accepted", user, token: undefined };
  }
}

function isHarmless(member: string, { type }: Credentials): boolean {
  return member === "username" || (member === "type" && type === "open");
}
