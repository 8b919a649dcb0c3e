// Certificates for the tests, each good until 2120 for localhost, *.millrace.test and loopback unless its name says otherwise.

import { join } from "node:path";

/** The path of one of them, or of a key. */
export function certificatePath(
  name: "one.pem" | "one.key" | "two.pem" | "two.key" | "expired.pem" | "encrypted.key",
): string {
  return join(import.meta.dir, "certificates", name);
}

/** The settings of a server with the first of them. */
export const TLS = { certificate: certificatePath("one.pem"), key: certificatePath("one.key") };
