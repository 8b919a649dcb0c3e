// Debian's Caddy with the configuration in README.md lets through all that Millrace does.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { behindProxy, proxyAt, type ReverseProxy } from "../support/behind-proxy.ts";
import { TLS } from "../support/certificates.ts";
import type { ServerProcess } from "../support/executable.ts";
import { freePort } from "../support/free-port.ts";
import { readmeBlock, replacing } from "../support/readme.ts";

behindProxy(openCaddy);

async function openCaddy(server: ServerProcess): Promise<ReverseProxy> {
  const caddy = Bun.which("caddy");
  if (caddy === null) throw new Error("Caddy is needed: apt-get install caddy");
  const directory = mkdtempSync(join(tmpdir(), "millrace-caddy-"));
  const port = freePort();
  const block = replacing(await readmeBlock("caddyfile"), {
    "127.0.0.1:7070": new URL(server.url).host,
    "topics.example.com {": `https://127.0.0.1:${port} {\n    tls ${TLS.certificate} ${TLS.key}`,
  });
  const configuration = join(directory, "Caddyfile");
  // Nothing of the machine's own, and no certificates from elsewhere.
  const own = `{\n  admin off\n  auto_https off\n  default_bind 127.0.0.1\n  storage file_system ${directory}\n}\n`;
  await Bun.write(configuration, own + block);
  const child = Bun.spawn([caddy, "run", "--config", configuration, "--adapter", "caddyfile"], {
    env: { HOME: directory, PATH: Bun.env.PATH ?? "" },
    stdout: "ignore",
    stderr: "pipe",
  });
  return await proxyAt(port, child, directory);
}
