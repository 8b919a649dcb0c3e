// Every command, in the order of the help.

import { backup } from "./backup.ts";
import { cacheCreate } from "./cache-create.ts";
import { cacheDelete } from "./cache-delete.ts";
import { cacheList } from "./cache-list.ts";
import { checkConfig } from "./check-config.ts";
import type { Command } from "./command.ts";
import { compact } from "./compact.ts";
import { configExample } from "./config-example.ts";
import { exportCommand } from "./export.ts";
import { health } from "./health.ts";
import { importCommand } from "./import.ts";
import { keyRotate } from "./key-rotate.ts";
import { openapi } from "./openapi.ts";
import { permissionsTest } from "./permissions-test.ts";
import { recordDelete } from "./record-delete.ts";
import { recordGet } from "./record-get.ts";
import { recordNotify } from "./record-notify.ts";
import { recordSet } from "./record-set.ts";
import { reload } from "./reload.ts";
import { restore } from "./restore.ts";
import { serve } from "./serve.ts";
import { serviceInstall } from "./service-install.ts";
import { serviceRemove } from "./service-remove.ts";
import { serviceStatus } from "./service-status.ts";
import { tokenCreate } from "./token-create.ts";
import { tokenRevoke } from "./token-revoke.ts";
import { userAdd } from "./user-add.ts";
import { userDisconnect } from "./user-disconnect.ts";
import { userHash } from "./user-hash.ts";
import { userList } from "./user-list.ts";
import { userPassword } from "./user-password.ts";
import { userRemove } from "./user-remove.ts";
import { verify } from "./verify.ts";
import { version } from "./version.ts";

export const commands: readonly Command[] = [
  serve,
  cacheCreate,
  cacheList,
  cacheDelete,
  userAdd,
  userList,
  userRemove,
  userPassword,
  userDisconnect,
  userHash,
  recordGet,
  recordSet,
  recordDelete,
  recordNotify,
  tokenCreate,
  tokenRevoke,
  keyRotate,
  permissionsTest,
  reload,
  backup,
  restore,
  verify,
  compact,
  exportCommand,
  importCommand,
  health,
  serviceInstall,
  serviceRemove,
  serviceStatus,
  checkConfig,
  configExample,
  openapi,
  version,
];
