// millrace serve: runs the server until it is told to stop.

import { resolve } from "node:path";
import type { Settings } from "../config/schema.ts";
import type { RunningServer } from "../serve.ts";
import { openSupervisor } from "../systemd/supervisor.ts";
import { keepWatched } from "../systemd/watchdog.ts";
import { version } from "../version.ts";
import type { Command } from "./command.ts";
import { CommandError } from "./failures.ts";
import { everySetting } from "./settings.ts";

const DEMO_CACHE = "my-cache";
const DEMO_TOPIC = "my-topic";

export const serve: Command = {
  name: "serve",
  summary: "Runs the server.",
  notes: [
    "Prints one line with its address to standard output when it is ready to answer; its log goes to standard error. SIGTERM or SIGINT (Ctrl-C) answers the waiting polls, finishes what was accepted and ends it; a second one ends it at once. SIGHUP, like millrace reload, takes up what may change meanwhile.",
    "The data directory and the keys that sign tokens are made when they are missing. millrace cache create and millrace token create make what a client needs, also while the server runs.",
  ],
  flags: [
    {
      name: "dev",
      description: `Makes the cache ${DEMO_CACHE}, and prints a token for it and curl lines to try it with.`,
    },
  ],
  settings: everySetting(),
  isAboutListening: true,
  examples: [
    "millrace serve",
    "millrace serve --dev",
    "millrace serve --port 0 --data /tmp/try-millrace",
    "millrace serve --config /etc/millrace.toml --log-format json",
    "MILLRACE_HTTP_HOST=0.0.0.0 MILLRACE_DEEPSTREAM_AUTH=email millrace serve",
  ],
  async run({ flags, environment, loadSettings }, terminal) {
    const settings = loadSettings();
    const stop = terminal.catchStop();
    // The commands that only make a token need not load the whole server.
    const { startServer } = await import("../serve.ts");
    const logSink = (line: string) => terminal.complain(line.trimEnd());
    using supervisor = openSupervisor(environment, (fault) =>
      terminal.complain(`millrace: ${fault}`),
    );
    let status = "";
    const onReload = (isUnderWay: boolean) => {
      if (isUnderWay) supervisor.reloading();
      else supervisor.ready(status);
    };
    const starting = startServer({ settings, readSettings: loadSettings, onReload, logSink });
    terminal.catchReload(() => {
      // What failed at the start is thrown below.
      void starting.then(
        (server) => server.reload(),
        () => {},
      );
    });
    await using server = await starting;
    status = `Millrace ${version} (${settings.region}) listens on ${server.url}`;
    terminal.print(status);
    supervisor.ready(status);
    using _watched = keepWatched(supervisor, () => server.heartbeat());
    if (flags.dev === true) terminal.print(await demoLines(server, settings));
    const failure = await Promise.race([server.failed, abortOf(stop)]);
    supervisor.stopping();
    if (failure === undefined) return;
    throw new CommandError(`The server cannot go on: ${failure.message}.`, { cause: failure });
  },
};

async function demoLines(server: RunningServer, { http }: Settings): Promise<string> {
  const { token } = await server.prepareDemo(DEMO_CACHE);
  const { certificate } = http.tls;
  // The name that a certificate is for, where the settings tell it, and not an address.
  const host = http.public_endpoint.replace(/^https?:\/\//, "");
  const base = certificate === "" || host === "" ? server.url : `https://${host}`;
  const url = `${base}/topics/${DEMO_CACHE}/${DEMO_TOPIC}`;
  const trust = certificate === "" ? "" : `--cacert '${resolve(certificate)}' `;
  const header = `${trust}-H 'Authorization: ${token}'`;
  return `
The cache ${DEMO_CACHE} is ready. A token for all its topics:

${token}

Paste these lines into another terminal, in this order.

# Publish a message:
curl -X POST ${header} -d 'hello world!' '${url}'

# Subscribe: the newest message comes at once; where there is none, the next one:
curl ${header} '${url}'

# Publish another, and resume after the message with the number 1:
curl -X POST ${header} -d 'hello again!' '${url}'
curl ${header} '${url}?sequence_number=1'
`;
}

function abortOf(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
