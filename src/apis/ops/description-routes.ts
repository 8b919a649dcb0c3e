// The description of the server for tools and as a page, made when somebody first asks for it.

import { Elysia } from "elysia";
import { JSON_TYPE } from "../../http/description.ts";
import type { OpenApi } from "../../http/openapi.ts";
import { PAGE_POLICY, renderPage } from "./docs-page.ts";
import type { Cors } from "./plugin.ts";

export interface DescriptionServices {
  readonly cors: Cors;
  readonly describe: () => OpenApi;
}

interface Document {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function descriptionRoutes({ cors, describe }: DescriptionServices) {
  let json: Document | undefined;
  let page: Document | undefined;
  return new Elysia({ name: "ops/description" })
    .get("/openapi.json", ({ request }) => {
      json ??= documentOf(JSON.stringify(describe()), { "content-type": JSON_TYPE });
      return cors.allow(request, answer(request, json));
    })
    .options("/openapi.json", ({ request }) => cors.preflight(request))
    .get("/docs", ({ request }) => {
      page ??= documentOf(renderPage(describe()), {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": PAGE_POLICY,
        "referrer-policy": "no-referrer",
      });
      return answer(request, page);
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
