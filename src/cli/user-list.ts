// millrace user list: shows the users who log in with an email address, one a line.

import { openAdministration } from "./administration.ts";
import type { Command } from "./command.ts";
import { requireDirectory } from "./data-directory.ts";
import { DATA_SETTING } from "./settings.ts";
import type { UserJson } from "./user-json.ts";

export const userList: Command = {
  name: "user list",
  summary: "Shows the users, one a line, in order of their email addresses.",
  notes: [
    "A line has the address, the id, and when the user was made. Nothing is printed when there are none.",
  ],
  flags: [
    {
      name: "json",
      description:
        'Prints one object instead, {"users": […]}, with the data of each as well, as GET /users answers.',
    },
  ],
  settings: DATA_SETTING,
  examples: ["millrace user list", "millrace user list --json"],
  async run({ flags, loadSettings }, terminal) {
    const settings = loadSettings();
    requireDirectory(settings.storage.data);
    await using administration = await openAdministration(settings);
    const users = await administration.listUsers();
    if (flags.json === true) terminal.print(JSON.stringify({ users }));
    else if (users.length > 0) terminal.print(tableOf(users));
  },
};

function tableOf(users: readonly UserJson[]): string {
  const widths = users.map(({ email }) => Bun.stringWidth(email));
  const widest = widths.reduce((one, other) => Math.max(one, other), 0);
  return users
    .map(({ email, id, created_at: createdAt }, index) => {
      const space = " ".repeat(widest - (widths[index] ?? 0));
      return `${email}${space}  ${id}  created ${new Date(createdAt).toISOString()}`;
    })
    .join("\n");
}
