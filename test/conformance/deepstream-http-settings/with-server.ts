// Opens a server for one test and closes it afterwards, whatever happened.

import { DeepstreamClient } from "../deepstream-http/client.ts";
import type { OpenWith, Overrides } from "../target.ts";

export async function withServer(
  open: OpenWith,
  deepstream: NonNullable<Overrides["deepstream"]>,
  use: (client: DeepstreamClient) => Promise<void>,
): Promise<void> {
  const target = await open({ deepstream });
  try {
    await use(new DeepstreamClient(() => target));
  } finally {
    await target.close();
  }
}
