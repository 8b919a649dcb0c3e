// millrace openapi: prints the description of the HTTP APIs.

import { urlOf } from "../server/address.ts";
import type { Command } from "./command.ts";
import { settingsOf } from "./settings.ts";

export const openapi: Command = {
  name: "openapi",
  summary: "Prints the description of the HTTP APIs for tools, as OpenAPI 3.1 in JSON.",
  notes: [
    "It tells of a server with these settings: where it is, its paths and its limits. A running server has the same at /openapi.json, and as a page to read at /docs.",
  ],
  flags: [],
  settings: settingsOf(["[storage] data", "[http] public_endpoint", "[http] host", "[http] port"]),
  examples: ["millrace openapi > openapi.json", "millrace openapi --config /etc/millrace.toml"],
  async run({ loadSettings }, terminal) {
    const settings = loadSettings();
    // The other commands need not load the APIs.
    const { describeServer } = await import("../server/description.ts");
    const url = urlOf(settings.http, settings.http.port);
    terminal.print(JSON.stringify(describeServer(settings, url), undefined, 2));
  },
};
