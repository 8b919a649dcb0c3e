// Opens a server with settings of its own for one test, and clients of it, and closes them whatever happened.

import { Clients } from "../deepstream-ws/clients.ts";
import type { OpenWith, Overrides, RestartableTarget } from "../target.ts";

export async function withServer(
  open: OpenWith,
  deepstream: NonNullable<Overrides["deepstream"]>,
  use: (clients: Clients, target: RestartableTarget) => Promise<void>,
): Promise<void> {
  const target = await open({ deepstream });
  const clients = new Clients(() => target.url);
  try {
    await use(clients, target);
  } finally {
    await clients.closeAll();
    await target.close();
  }
}
