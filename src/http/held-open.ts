// Keeps the connection of a request for as long as the request waits.

export interface HoldServices {
  /** Keeps the connection of a request that is going to wait. */
  readonly holdOpen: (request: Request) => void;
  /** Takes `holdOpen` back. */
  readonly letIdle: (request: Request) => void;
}

/**
 * Settles as `work` does, which has a deadline of its own: it may be later than that of a connection on
 * which nothing happens, as which this one does not count meanwhile.
 */
export async function heldOpen<Result>(
  { holdOpen, letIdle }: HoldServices,
  request: Request,
  work: Promise<Result>,
): Promise<Result> {
  holdOpen(request);
  try {
    return await work;
  } finally {
    letIdle(request);
  }
}
