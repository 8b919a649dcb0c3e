// The rules of Momento's HTTP API that take long to prove, of the server from source and of the executable.

import { momentoHttpLongConformance } from "../conformance/momento-http-long.suite.ts";
import { openExecutable } from "../support/executable-server.ts";
import { openInProcess } from "../support/in-process-server.ts";

momentoHttpLongConformance("source", openInProcess);
momentoHttpLongConformance("compiled", openExecutable);
