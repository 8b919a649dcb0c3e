// Debian's nginx with the configuration in README.md lets through all that Millrace does.

import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { temporaryDirectory } from "../cli/millrace.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { behindProxy, proxyAt, type ReverseProxy } from "../support/behind-proxy.ts";
import { TLS } from "../support/certificates.ts";
import { type ServerProcess, serve } from "../support/executable.ts";
import { freePort } from "../support/free-port.ts";
import { readmeBlock, replacing } from "../support/readme.ts";

const TIMEOUT_LINE = /^ *proxy_read_timeout .*\n/m;

behindProxy((server) => openNginx(server));

test("without the line about the timeout, a poll is cut after a minute", async () => {
  using data = temporaryDirectory();
  await using server = await serve(data.path);
  await using proxy = await openNginx(server, (block) => {
    expect(block).toMatch(TIMEOUT_LINE);
    return block.replace(TIMEOUT_LINE, "");
  });
  const client = new Client(() => ({ ...server, url: proxy.url }));
  await client.putCache("c");
  const [cut, short] = await Promise.all([
    // By no client of ours, which would hold nginx's answer to what Millrace may answer.
    fetch(`${proxy.url}/topics/c/t`, { headers: { authorization: client.adminToken } }),
    client.subscribe("c", "t", "timeout=50"),
  ]);
  expect(cut.status).toBe(504);
  expect(short).toMatchObject({ status: 200, body: '{"items":[]}' });
});

async function openNginx(
  server: ServerProcess,
  change = (block: string) => block,
): Promise<ReverseProxy> {
  const nginx = Bun.which("nginx", { PATH: `${Bun.env.PATH}:/usr/sbin` });
  if (nginx === null) throw new Error("nginx is needed: apt-get install nginx-light");
  const directory = mkdtempSync(join(tmpdir(), "millrace-nginx-"));
  const port = freePort();
  const block = replacing(change(await readmeBlock("nginx")), {
    "127.0.0.1:7070": new URL(server.url).host,
    "listen 443 ssl": `listen 127.0.0.1:${port} ssl`,
    "/etc/letsencrypt/live/topics.example.com/fullchain.pem": TLS.certificate,
    "/etc/letsencrypt/live/topics.example.com/privkey.pem": TLS.key,
  });
  for (const name of ["body", "proxy", "fastcgi", "uwsgi", "scgi"])
    mkdirSync(join(directory, name));
  const configuration = join(directory, "nginx.conf");
  await Bun.write(
    configuration,
    `user root;
     daemon off;
     pid ${directory}/nginx.pid;
     error_log stderr;
     events { worker_connections 768; }
     http {
       access_log off;
       client_body_temp_path ${directory}/body;
       proxy_temp_path ${directory}/proxy;
       fastcgi_temp_path ${directory}/fastcgi;
       uwsgi_temp_path ${directory}/uwsgi;
       scgi_temp_path ${directory}/scgi;
       ${block}
     }`,
  );
  const child = Bun.spawn([nginx, "-c", configuration, "-p", directory], { stderr: "pipe" });
  return await proxyAt(port, child, directory);
}
