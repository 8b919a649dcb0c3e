// millrace user hash: hashes a password for a file of users.

import { PasswordHash } from "../auth/password-hash.ts";
import type { Command } from "./command.ts";
import { DATA_SETTING } from "./settings.ts";

export const userHash: Command = {
  name: "user hash",
  summary: "Hashes a password for a file of users and prints the hash, and nothing else.",
  notes: [
    'The password is typed twice, or piped in as one line; it is never an argument. The hash goes into the file that [deepstream.file] path names, in quotes: alice: {password: "$argon2id$…"}. Nothing is stored.',
  ],
  flags: [],
  settings: DATA_SETTING,
  examples: ["millrace user hash"],
  async run(_, terminal) {
    const password = await terminal.readPassword();
    terminal.print(await new PasswordHash(1, 0).hash(password));
  },
};
