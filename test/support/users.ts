// Who is logged in, in tests.

import type { User } from "../../src/core/access/user.ts";

export function user(id = "alice"): User {
  return { id, clientData: undefined, serverData: undefined };
}
