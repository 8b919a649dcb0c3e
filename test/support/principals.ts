// Who asks, in tests.

import type { Permission, Principal } from "../../src/core/access/principal.ts";

export const ADMIN: Principal = {
  ids: ["admin"],
  keyId: "key",
  name: undefined,
  admin: true,
  permissions: [],
  expiresAt: undefined,
};

/** May do everything with every topic, and is no admin, unless told otherwise. */
export function principal(differing: Partial<Principal> = {}): Principal {
  const everything: Permission = { cache: "*", topic: "*", role: "both" };
  return { ...ADMIN, ids: ["somebody"], admin: false, permissions: [everything], ...differing };
}
