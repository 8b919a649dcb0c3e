// The port for HTTPS, whose certificate can be replaced while it is open.

import { platform } from "node:os";
import type { Certificate } from "./certificate-file.ts";
import type { Certificates } from "./certificates.ts";
import {
  type Application,
  type Listener,
  listen,
  optionsOf,
  type Serve,
  start,
  type TcpAddress,
  textOf,
} from "./listener.ts";

/** Whether a port can have two servers, of which each new connection gets one. */
const PORTS_CAN_BE_SHARED = platform() === "linux" || platform() === "darwin";

export interface TlsOptions {
  readonly certificates: Certificates;
  /** Whether HTTP/2 is offered beside HTTP/1.1. */
  readonly http2: boolean;
}

/**
 * Takes TLS 1.2 and up. A new certificate counts for the connections that come after it: Bun gives a
 * server no other, so another server takes the port over. Throws `StartError`.
 */
export function listenTls(
  { host, port }: TcpAddress,
  application: Application,
  { certificates, http2 }: TlsOptions,
): Listener {
  const serveWith =
    ({ chain: cert, key }: Certificate, address: TcpAddress): Serve =>
    (handler) =>
      Bun.serve({
        ...handler,
        ...optionsOf(address),
        reusePort: PORTS_CAN_BE_SHARED,
        http2,
        tls: { cert, key },
      });
  requireFree({ host, port });
  const first = serveWith(certificates.current, { host, port });
  const listener = listen(textOf({ host, port }), application, first);
  certificates.onChange(async (anew) => {
    if (!PORTS_CAN_BE_SHARED) throw new Error("On this system they take effect after a restart.");
    await listener.replace(serveWith(anew, { host, port: listener.port }));
  });
  return listener;
}

/** Where ports can be shared, another server would go unnoticed that shares this one. */
function requireFree(address: TcpAddress): void {
  if (!PORTS_CAN_BE_SHARED || address.port === 0) return;
  const fetch = () => new Response();
  const probe = () => Bun.serve({ ...optionsOf(address), reusePort: false, fetch });
  void start(textOf(address), probe).stop(true);
}
