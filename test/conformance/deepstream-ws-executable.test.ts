// Deepstream's WebSocket protocol of the compiled executable, which `bun run build` makes.

import { setDefaultTimeout } from "bun:test";
import { openExecutable } from "../support/executable-server.ts";
import { deepstreamWsConformance } from "./deepstream-ws.suite.ts";
import { deepstreamWsSettingsConformance } from "./deepstream-ws-settings.suite.ts";

setDefaultTimeout(30_000);

deepstreamWsConformance("compiled", () => openExecutable());
deepstreamWsSettingsConformance("compiled", openExecutable);
