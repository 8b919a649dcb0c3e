// Deepstream's WebSocket protocol of the server in this process.

import { setDefaultTimeout } from "bun:test";
import { openInProcess } from "../support/in-process-server.ts";
import { deepstreamWsConformance } from "./deepstream-ws.suite.ts";

setDefaultTimeout(30_000);

deepstreamWsConformance("from source", () => openInProcess());
