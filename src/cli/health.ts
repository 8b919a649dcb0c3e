// millrace health: says whether a server is ready, for containers and scripts that have no curl.

import { type Command, textOf } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { CommandError, shown, UsageError } from "./failures.ts";
import { askHealth, findHealth } from "./remote-administration.ts";
import { DATA_SETTING } from "./settings.ts";

export const health: Command = {
  name: "health",
  summary: "Says whether the server is ready; where it is not, the command fails.",
  notes: [
    "It asks the server that holds the data directory, over the socket for the command line, wherever that server listens; with --url, the one that answers there.",
  ],
  flags: [
    {
      name: "url",
      value: "URL",
      description: "Where the server is asked, such as https://topics.example.com.",
    },
  ],
  settings: DATA_SETTING,
  examples: ["millrace health", "millrace health --url http://127.0.0.1:7070"],
  async run({ flags, loadSettings }, terminal) {
    const { data } = loadSettings().storage;
    const url = textOf(flags, "url");
    if (url === undefined) requireDirectory(data);
    const answer = await (url === undefined ? findHealth(data) : askHealth(healthUrl(url)));
    if (answer === undefined) {
      const place = url === undefined ? `on the data directory ${data}` : `at ${url}`;
      throw new CommandError(`No server is ready ${place}.`);
    }
    terminal.print(`Millrace ${answer.version} (${answer.region}) is ready at ${answer.endpoint}`);
  },
};

function healthUrl(url: string): string {
  if (/^https?:\/\/[^/]/.test(url) && URL.canParse(url)) return new URL("/health", url).href;
  throw new UsageError(
    `--url is ${shown(url)}; it must begin with http:// or https:// and a host.`,
  );
}
