// http.origins: only the listed origins are let in, and caches in between are told so.

import { describe, expect, test } from "bun:test";
import type { OpenWith } from "../target.ts";
import { withServer } from "./with-server.ts";

const LISTED = ["https://app.example", "http://localhost:3000"];
const OTHERS = ["https://evil.example", "https://app.example.evil", "http://app.example", "null"];

export function originRules(open: OpenWith): void {
  describe("origins", () => {
    test("a listed origin is named, any other is not, and both answers vary", async () => {
      await withServer(open, { http: { origins: LISTED } }, async (client) => {
        for (const origin of [...LISTED, ...OTHERS]) {
          const allowed = LISTED.includes(origin) ? origin : null;
          const preflight = { Origin: origin, "Access-Control-Request-Method": "POST" };
          const answers = [
            await client.send("GET", "/caches", { headers: { Origin: origin } }),
            await client.send("GET", "/caches", { token: null, headers: { Origin: origin } }),
            await client.send("OPTIONS", "/topics/c/t", { token: null, headers: preflight }),
          ];
          expect(answers.map((answer) => answer.status)).toEqual([200, 401, 204]);
          for (const { headers } of answers) {
            expect(headers.get("Access-Control-Allow-Origin")).toBe(allowed);
            expect(headers.get("Vary")).toMatch(/\borigin\b/i);
          }
        }
      });
    });
  });
}
