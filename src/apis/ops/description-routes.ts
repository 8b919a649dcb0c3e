// The description of the server for tools and as a page, made when somebody first asks for it.

import { Elysia } from "elysia";
import { JSON_TYPE } from "../../http/description.ts";
import type { OpenApi } from "../../http/openapi.ts";
import type { Cors } from "./plugin.ts";

export interface DescriptionServices {
  readonly cors: Cors;
  readonly describe: () => Promise<OpenApi>;
}

interface Document {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function descriptionRoutes({ cors, describe }: DescriptionServices) {
  let json: Promise<Document> | undefined;
  let page: Promise<Document> | undefined;
  return new Elysia({ name: "ops/description" })
    .get("/openapi.json", async ({ request }) => {
      json ??= renderJson(describe);
      return cors.allow(request, answer(request, await json));
    })
    .options("/openapi.json", ({ request }) => cors.preflight(request))
    .get("/docs", async ({ request }) => {
      page ??= renderHtml(describe);
      return answer(request, await page);
    });
}

async function renderJson(describe: DescriptionServices["describe"]): Promise<Document> {
  return documentOf(JSON.stringify(await describe()), { "content-type": JSON_TYPE });
}

async function renderHtml(describe: DescriptionServices["describe"]): Promise<Document> {
  const { PAGE_POLICY, renderPage } = await import("./docs-page.ts");
  return documentOf(renderPage(await describe()), {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": PAGE_POLICY,
    "referrer-policy": "no-referrer",
  });
}

function documentOf(text: string, headers: Document["headers"]): Document {
  const etag = `"${new Bun.CryptoHasher("sha256").update(text).digest("base64url").slice(0, 16)}"`;
  return {
    text,
    headers: { ...headers, etag, "cache-control": "no-cache", "x-content-type-options": "nosniff" },
  };
}

function answer({ headers: asked }: Request, { text, headers }: Document): Response {
  const isKnown = asked.get("if-none-match")?.includes(headers.etag ?? "");
  return isKnown ? new Response(null, { status: 304, headers }) : new Response(text, { headers });
}
