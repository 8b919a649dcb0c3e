// Deepstream's WebSocket protocol of the server in this process.

import { setDefaultTimeout } from "bun:test";
import { openInProcess } from "../support/in-process-server.ts";
import { deepstreamWsConformance } from "./deepstream-ws.suite.ts";
import { deepstreamWsSettingsConformance } from "./deepstream-ws-settings.suite.ts";

setDefaultTimeout(30_000);

deepstreamWsConformance("from source", () => openInProcess());
deepstreamWsSettingsConformance("from source", openInProcess);
