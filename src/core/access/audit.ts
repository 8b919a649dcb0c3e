// What administrators have changed, told to whoever keeps the record of it.

import { type ErrorCode, invalidArgument, ServiceError } from "../errors.ts";
import { type Principal, requireAdmin } from "./principal.ts";

export type AuditAction =
  | "cache.put"
  | "cache.delete"
  | "topic.delete"
  | "token.mint"
  | "token.issue"
  | "token.revoke"
  | "key.rotate"
  | "user.add"
  | "user.remove"
  | "user.password"
  | "user.disconnect"
  | "record.set"
  | "record.delete"
  | "record.notify";

/** The names and ids of what was changed; never what it holds, and never a token or a password. */
export type AuditSubject = Readonly<Record<string, string | boolean>>;

export interface AuditEntry {
  readonly by: typeof COMMAND_LINE | { readonly token: string };
  readonly action: AuditAction;
  readonly on: AuditSubject;
  /** Failed: for a reason that is a bug of the server, which its log tells. */
  readonly outcome: "done" | "failed" | ErrorCode;
}

/** Who acts on the data directory itself, with its keys; no token of anybody else has this id. */
export const COMMAND_LINE = "command line";

/** Of what an administrator may send in place of a name. */
const CHARACTERS_MAX = 1024;

export class Audit {
  readonly #keep: (entry: AuditEntry) => void;

  /** What `keep` throws is thrown to who has made the change, which stays made. */
  constructor(keep: (entry: AuditEntry) => void) {
    this.#keep = keep;
  }

  /**
   * Does what only an administrator may, and tells what came of it. Throws as `work` does, or
   * `permission_denied` without a word: others must not be able to fill the record.
   */
  async administer<Result>(
    principal: Principal,
    action: AuditAction,
    on: AuditSubject,
    work: () => Promise<Result>,
  ): Promise<Result> {
    requireAdmin(principal);
    const result = await work().catch((cause: unknown) => {
      this.note(principal, action, on, cause instanceof ServiceError ? cause.code : "failed");
      throw cause;
    });
    this.note(principal, action, on);
    return result;
  }

  /** To be called for what an administrator has changed otherwise. */
  note(
    { ids: [id], keyId }: Principal,
    action: AuditAction,
    on: AuditSubject,
    outcome: AuditEntry["outcome"] = "done",
  ): void {
    const short = Object.entries(on).map(([name, value]) => [name, shortened(value)]);
    // Another issuer's tokens, which have no key of ours, may have any id.
    const by = id === COMMAND_LINE && keyId !== "" ? COMMAND_LINE : { token: id };
    this.#keep({ by, action, on: Object.fromEntries(short), outcome });
  }
}

/** Throws `invalid_argument` for the id that the record keeps for the command line. */
export function requireOtherThanCommandLine(tokenId: string | undefined): void {
  if (tokenId !== COMMAND_LINE) return;
  throw invalidArgument(`The token id "${COMMAND_LINE}" is not for tokens: choose another.`);
}

function shortened(value: string | boolean): string | boolean {
  if (typeof value !== "string" || value.length <= CHARACTERS_MAX) return value;
  return `${value.slice(0, CHARACTERS_MAX)}…`;
}
