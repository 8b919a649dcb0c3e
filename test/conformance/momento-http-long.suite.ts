// The rules of the topics API that take most of a minute to prove: polls that wait through idle timeouts.

import { describe, expect, test } from "bun:test";
import { openRaw, rawHttp, rawRequest } from "../support/raw-http.ts";
import { withServer } from "./momento-http-settings/with-server.ts";
import type { OpenWith } from "./target.ts";

/** More than Elysia's 30 seconds and Bun's steps of four. */
const LONG_SECONDS = 45;

export function momentoHttpLongConformance(name: string, open: OpenWith): void {
  describe(`long waits of Momento's HTTP API, ${name}`, () => {
    // Promised: "a wait lasts through idle timeouts".
    test("polls wait through idle timeouts, whatever their Host", async () => {
      await withServer(open, {}, async (client) => {
        const cache = await client.makeCache();
        const headers = [`Authorization: ${client.adminToken}`];
        const lines = [`GET /topics/${cache}/t`, `GET /topics/${cache}/t?sequence_number=0`];
        const polls = lines.flatMap((line) => {
          const request = rawRequest(line, headers);
          const hostless = request.replace(/^Host: .*$/m, "Host: ");
          return [rawHttp(client.url, request), rawHttp(client.url, hostless)];
        });
        const empty = await client.subscribe(cache, "other", `timeout=${LONG_SECONDS}`);
        expect(empty).toMatchObject({ status: 200, body: '{"items":[]}' });
        expect(await client.waiters(cache)).toBe(polls.length);
        await client.publishAll(cache, "t", ["late"]);
        for (const poll of polls) expect(await poll).toMatchObject({ status: 200 });
      });
    }, 90_000);

    test("a connection whose poll has been answered ends when it stays idle", async () => {
      await withServer(open, {}, async (client) => {
        const cache = await client.makeCache();
        using connection = await openRaw(client.url);
        const line = `GET /topics/${cache}/t?timeout=1`;
        connection.write(rawRequest(line, [`Authorization: ${client.adminToken}`]));
        expect(await connection.answer()).toMatchObject({ status: 200 });
        expect(await connection.answer()).toBe("closed");
      });
    }, 90_000);
  });
}
