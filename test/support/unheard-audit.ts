// What administrators change, told to nobody, for tests of other things.

import { Audit } from "../../src/core/access/audit.ts";

export const unheardAudit = new Audit(() => {});
