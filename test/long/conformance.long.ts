// The rules of the HTTP APIs that take long to prove, of the server from source and of the executable.

import { deepstreamHttpLongConformance } from "../conformance/deepstream-http-long.suite.ts";
import { momentoHttpLongConformance } from "../conformance/momento-http-long.suite.ts";
import { openExecutable } from "../support/executable-server.ts";
import { openInProcess } from "../support/in-process-server.ts";

momentoHttpLongConformance("source", openInProcess);
momentoHttpLongConformance("compiled", openExecutable);
deepstreamHttpLongConformance("source", openInProcess);
deepstreamHttpLongConformance("compiled", openExecutable);
