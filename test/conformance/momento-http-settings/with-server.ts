// Opens a server for one test and closes it afterwards, whatever happened.

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
