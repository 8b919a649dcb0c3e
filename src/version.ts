/** Which version of Millrace this is, and which commit an executable was built from. */
import packageJson from "../package.json" with { type: "json" };

/** Put in by `scripts/build.ts`; from source it does not exist. */
declare const MILLRACE_COMMIT: string | undefined;

/** As in `package.json`, such as `0.1.0`. */
export const version: string = packageJson.version;

/** A short commit id, with `-dirty` behind it if the tree had changes; `source` when run from source. */
export const commit: string = typeof MILLRACE_COMMIT === "undefined" ? "source" : MILLRACE_COMMIT;
