// Opens a server for one test, or starts it again in its middle, and closes it afterwards, whatever happened.

import { Client } from "../momento-http/client.ts";
import type { OpenWith, Overrides } from "../target.ts";

export async function withServer(
  open: OpenWith,
  settings: Overrides,
  use: (client: Client) => Promise<void>,
): Promise<void> {
  const target = await open(settings);
  try {
    await use(new Client(() => target));
  } finally {
    await target.close();
  }
}

/** Returns what is to be done after the restart. */
export type BeforeRestart = (client: Client) => Promise<(client: Client) => Promise<void>>;

/** Runs `before`, restarts the server, and runs what `before` returned. The admin's token is then another. */
export async function acrossRestart(open: OpenWith, before: BeforeRestart): Promise<void> {
  let target = await open();
  try {
    const client = new Client(() => target);
    const after = await before(client);
    target = await target.restart();
    await after(client);
  } finally {
    await target.close();
  }
}
