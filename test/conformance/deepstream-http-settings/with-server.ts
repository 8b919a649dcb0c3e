// Opens a server for one test and closes it afterwards, whatever happened.

import { DeepstreamClient } from "../deepstream-http/client.ts";
import type { OpenWith, Overrides, RestartableTarget } from "../target.ts";

export function withServer(
  open: OpenWith,
  deepstream: NonNullable<Overrides["deepstream"]>,
  use: (client: DeepstreamClient, target: RestartableTarget) => Promise<void>,
): Promise<void> {
  return withSettings(open, { deepstream }, use);
}

export async function withSettings(
  open: OpenWith,
  settings: Overrides,
  use: (client: DeepstreamClient, target: RestartableTarget) => Promise<void>,
): Promise<void> {
  const target = await open(settings);
  try {
    await use(new DeepstreamClient(() => target), target);
  } finally {
    await target.close();
  }
}
