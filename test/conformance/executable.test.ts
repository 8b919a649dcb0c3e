// The APIs of the compiled executable, which `bun run build` makes.

import { setDefaultTimeout } from "bun:test";
import { openExecutable } from "../support/executable-server.ts";
import { adminHttpConformance } from "./admin-http.suite.ts";
import { deepstreamHttpConformance } from "./deepstream-http.suite.ts";
import { deepstreamHttpSettingsConformance } from "./deepstream-http-settings.suite.ts";
import { deepstreamWsConformance } from "./deepstream-ws.suite.ts";
import { deepstreamWsSettingsConformance } from "./deepstream-ws-settings.suite.ts";
import { momentoHttpConformance } from "./momento-http.suite.ts";
import { momentoHttpSettingsConformance } from "./momento-http-settings.suite.ts";
import { permissionsConformance } from "./permissions.suite.ts";

setDefaultTimeout(180_000);

momentoHttpConformance("compiled", openExecutable);
momentoHttpSettingsConformance("compiled", openExecutable);
deepstreamHttpConformance("compiled", openExecutable);
deepstreamHttpSettingsConformance("compiled", openExecutable);
adminHttpConformance("compiled", openExecutable);
deepstreamWsConformance("compiled", openExecutable);
deepstreamWsSettingsConformance("compiled", openExecutable);
permissionsConformance("compiled", openExecutable);
