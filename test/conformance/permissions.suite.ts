// What users may do under rules, over HTTP and over WebSocket, as black-box tests of one server.

import { afterAll, afterEach, describe } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeepstreamClient } from "./deepstream-http/client.ts";
import { type LoginWebhook, openLoginWebhook } from "./deepstream-http-settings/login-webhook.ts";
import { Clients } from "./deepstream-ws/clients.ts";
import { PATIENT } from "./deepstream-ws/patience.ts";
import { commandPermissions } from "./permissions/commands.ts";
import { framePermissions } from "./permissions/frames.ts";
import { RULES_FILE } from "./permissions/rules-file.ts";
import { type OpenWith, openForAll } from "./target.ts";

export function permissionsConformance(name: string, open: OpenWith): void {
  describe(`permissions, ${name}`, () => {
    let directory = "";
    let webhook: LoginWebhook | undefined;
    const target = openForAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "millrace-rules-"));
      const permissions = join(directory, "permissions.json");
      await Bun.write(permissions, JSON.stringify(RULES_FILE));
      webhook = openLoginWebhook();
      const { url } = webhook;
      return await open({
        deepstream: { ...PATIENT, auth: ["open", "webhook"], permissions, webhook: { url } },
      });
    });
    const clients = new Clients(() => target().url);
    afterEach(() => clients.closeAll());
    afterAll(async () => {
      webhook?.[Symbol.dispose]();
      await rm(directory, { recursive: true });
    });
    describe("of commands", () => commandPermissions(new DeepstreamClient(target)));
    describe("of messages", () => framePermissions(clients, target));
  });
}
