// Settings with which a machine that stops for a moment keeps no provider and no listener from answering in time.

export const PATIENT = {
  rpc: { ack_timeout_ms: 60_000, response_timeout_ms: 60_000 },
  listen: { response_timeout_ms: 60_000 },
};
