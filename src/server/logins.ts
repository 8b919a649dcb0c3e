// The ways to log in that the settings name, in their order.

import { readFileSync } from "node:fs";
import { EmailLogin } from "../auth/email-login.ts";
import { FileLogin } from "../auth/file-login.ts";
import { type FileUser, parseUserFile, UserFileError } from "../auth/user-file.ts";
import { WebhookLogin } from "../auth/webhook-login.ts";
import type { Settings } from "../config/schema.ts";
import type { LoginMethod } from "../core/access/login.ts";
import { Logins } from "../core/access/logins.ts";
import { OpenLogin } from "../core/access/open-login.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../telemetry/log.ts";
import { webhookOptions } from "./options.ts";
import type { Reloadable } from "./reloads.ts";
import type { Services, Stores } from "./services.ts";
import { StartError } from "./start-error.ts";

const HOUR_MS = 3_600_000;

export interface OpenedLogins {
  readonly logins: Logins;
  /** The users of a file, where the settings name one. */
  readonly reloadables: readonly Reloadable[];
}

/** Throws `StartError` when the file of users cannot be used. */
export function openLogins(
  settings: Settings,
  { tokens, passwordHasher, loginLimits, userChanges }: Services,
  { userStore, revocations }: Stores,
  clock: Clock,
  log: Log,
): OpenedLogins {
  const { auth, file, token_hours: tokenHours } = settings.deepstream;
  const reloadables: Reloadable[] = [];
  const makers: Record<(typeof auth)[number], () => LoginMethod> = {
    open: () => new OpenLogin(auth.length === 1),
    email: () => new EmailLogin(userStore, passwordHasher),
    file: () => {
      const login = new FileLogin(readUsers(file.path), passwordHasher);
      reloadables.push({
        name: "users",
        reload: () => login.replaceUsers(readUsers(file.path)),
      });
      return login;
    },
    webhook: () =>
      new WebhookLogin(
        webhookOptions(settings),
        clock,
        (why) => log.error("Logging in by webhook failed", { why }),
        () => log.info("Logging in by webhook goes on again"),
      ),
  };
  const methods = auth.map((type) => ({ type, method: makers[type]() }));
  const tokenMs = tokenHours * HOUR_MS;
  return {
    logins: new Logins(methods, tokens, revocations, userChanges, loginLimits, clock, tokenMs),
    reloadables,
  };
}

/** Throws `StartError` when it cannot be used. */
export function readUsers(path: string): ReadonlyMap<string, FileUser> {
  try {
    return parseUserFile(readFileSync(path, "utf8"));
  } catch (cause) {
    if (cause instanceof UserFileError) {
      throw new StartError(`The file of users ${path} cannot be used: ${cause.message}.`, {
        cause,
      });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`The file of users ${path} cannot be read: ${reason}.`, { cause });
  }
}
