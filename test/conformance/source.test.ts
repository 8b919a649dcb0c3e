// The APIs of the server in this process.

import { setDefaultTimeout } from "bun:test";
import { openInProcess } from "../support/in-process-server.ts";
import { adminHttpConformance } from "./admin-http.suite.ts";
import { deepstreamHttpConformance } from "./deepstream-http.suite.ts";
import { deepstreamHttpSettingsConformance } from "./deepstream-http-settings.suite.ts";
import { deepstreamWsConformance } from "./deepstream-ws.suite.ts";
import { deepstreamWsSettingsConformance } from "./deepstream-ws-settings.suite.ts";
import { momentoHttpConformance } from "./momento-http.suite.ts";
import { momentoHttpSettingsConformance } from "./momento-http-settings.suite.ts";
import { permissionsConformance } from "./permissions.suite.ts";

setDefaultTimeout(180_000);

momentoHttpConformance("from source", openInProcess);
momentoHttpSettingsConformance("from source", openInProcess);
deepstreamHttpConformance("from source", openInProcess);
deepstreamHttpSettingsConformance("from source", openInProcess);
adminHttpConformance("from source", openInProcess);
deepstreamWsConformance("from source", openInProcess);
deepstreamWsSettingsConformance("from source", openInProcess);
permissionsConformance("from source", openInProcess);
