// What was recorded from servers that know their users.

import { describe, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replay, TO_ANY_ORIGIN } from "../deepstream-http/replay.ts";
import type { OpenWith } from "../target.ts";
import { openLoginWebhook } from "./login-webhook.ts";
import { recordedAuthData } from "./recorded-auth-data.ts";
import { recordedFile } from "./recorded-file.ts";
import { recordedWebhook } from "./recorded-webhook.ts";
import { withServer } from "./with-server.ts";

export function recordedRules(open: OpenWith): void {
  describe("recorded", () => {
    test("credentials in a request of commands", async () => {
      await withServer(open, { auth_data: true }, async (client) => {
        for (const row of recordedAuthData) await replay(client, row, TO_ANY_ORIGIN);
      });
    });

    test("users whom a webhook knows", async () => {
      using webhook = openLoginWebhook();
      const settings = { auth: ["webhook"], auth_data: true, webhook: { url: webhook.url } };
      await withServer(open, settings, async (client) => {
        for (const row of recordedWebhook) await replay(client, row, TO_ANY_ORIGIN);
      });
    });

    test("users in a file, and pages of one origin", async () => {
      const directory = await mkdtemp(join(tmpdir(), "millrace-users-"));
      try {
        const path = join(directory, "users.yml");
        await Bun.write(path, await usersFile());
        const settings = {
          auth: ["file"],
          origins: ["https://good.example"],
          file: { path },
          http: { body_bytes_max: 2000 },
        };
        await withServer(open, settings, async (client) => {
          for (const row of recordedFile) await replay(client, row);
        });
      } finally {
        await rm(directory, { recursive: true });
      }
    });
  });
}

async function usersFile(): Promise<string> {
  const password = await Bun.password.hash("pw", { algorithm: "argon2id", timeCost: 1 });
  return JSON.stringify({ bob: { password, clientData: { c: 1 } } });
}
