// A token that ends while the body of its request comes in: the request is as bad as any that comes later.

import { describe, expect, test } from "bun:test";
import { openRaw, type RawConnection, rawRequest } from "../../support/raw-http.ts";
import { until } from "../../support/until.ts";
import type { Client } from "../momento-http/client.ts";
import { expectError, UNAUTHENTICATED } from "../momento-http/expect-error.ts";
import { bareJwt, parseJwt } from "../momento-http/tokens.ts";
import type { OpenWith } from "../target.ts";
import { acrossRestart } from "./with-server.ts";

const WISH = { permissions: [{ cache: "c", topic: "t", role: "both" }], expires_in_seconds: 60 };

const UPLOADS = [
  { line: "POST /topics/c/t", body: "hi" },
  { line: "PUT /caches/made", body: "{}" },
  { line: "PUT /caches/c", body: '{"retention":{"seconds":60}}' },
  { line: "POST /tokens", body: JSON.stringify(WISH) },
  { line: "POST /keys/rotate", body: '{"revoke_old":true}' },
];

const ENDINGS = [
  { how: "is revoked", request: ["DELETE", (id: string) => `/tokens/${id}`, ""] },
  { how: "ends with its key", request: ["POST", () => "/keys/rotate", '{"revoke_old":true}'] },
] as const;

export function endedTokenRules(open: OpenWith): void {
  describe("uploads by a token that has ended", () => {
    test.each(ENDINGS)("when it $how, they are 401 and nothing is done", async ({ request }) => {
      await acrossRestart(open, async (client) => {
        await client.putCache("c");
        const token = client.adminToken;
        await using uploads = new AsyncDisposableStack();
        const stalled: RawConnection[] = [];
        for (const upload of UPLOADS) stalled.push(uploads.use(await stall(client, upload)));
        const [method, path, body] = request;
        const id = String(parseJwt(bareJwt(token)).payload.jti);
        const ended = await client.send(method, path(id), body === "" ? {} : { body });
        expect(ended.status).toBeWithin(200, 300);
        for (const [index, connection] of stalled.entries()) {
          connection.write(UPLOADS[index]?.body.slice(1) ?? "");
          const answer = await connection.answer();
          if (answer === "closed") throw new Error("the server hung up");
          expectError(answer, UNAUTHENTICATED, [token]);
        }
        return async () => {
          const { caches } = JSON.parse((await client.send("GET", "/caches")).body);
          expect(caches).toMatchObject([{ name: "c", retention: { seconds: 604_800 }, topics: 0 }]);
        };
      });
    });
  });
}

/** Resolves when all but the body's end has been sent, and the server has begun to read it. */
async function stall(
  client: Client,
  { line, body }: { readonly line: string; readonly body: string },
): Promise<RawConnection> {
  const headers = [
    `Authorization: ${client.adminToken}`,
    `Content-Length: ${body.length}`,
    "Expect: 100-continue",
  ];
  const connection = await openRaw(client.url);
  connection.write(rawRequest(line, headers));
  await until("the body is asked for", () => connection.has("HTTP/1.1 100"));
  connection.write(body.slice(0, 1));
  return connection;
}
