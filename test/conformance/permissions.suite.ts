// What users may do under rules, over HTTP and over WebSocket, as black-box tests of one server.

import { afterAll, afterEach, beforeAll, describe } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeepstreamClient } from "./deepstream-http/client.ts";
import { type LoginWebhook, openLoginWebhook } from "./deepstream-http-settings/login-webhook.ts";
import { Clients } from "./deepstream-ws/clients.ts";
import { commandPermissions } from "./permissions/commands.ts";
import { framePermissions } from "./permissions/frames.ts";
import { RULES_FILE } from "./permissions/rules-file.ts";
import type { OpenWith, Target } from "./target.ts";

export function permissionsConformance(name: string, open: OpenWith): void {
  describe(`permissions, ${name}`, () => {
    let directory = "";
    let webhook: LoginWebhook | undefined;
    let target: Target | undefined;
    const opened = () => {
      if (target === undefined) throw new Error("the server is not open");
      return target;
    };
    const clients = new Clients(() => opened().url);
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "millrace-rules-"));
      const permissions = join(directory, "permissions.json");
      await Bun.write(permissions, JSON.stringify(RULES_FILE));
      webhook = openLoginWebhook();
      const { url } = webhook;
      target = await open({
        deepstream: { auth: ["open", "webhook"], permissions, webhook: { url } },
      });
    });
    afterEach(() => clients.closeAll());
    afterAll(async () => {
      await target?.close();
      webhook?.[Symbol.dispose]();
      await rm(directory, { recursive: true });
    });
    describe("of commands", () => commandPermissions(new DeepstreamClient(opened)));
    describe("of messages", () => framePermissions(clients, opened));
  });
}
