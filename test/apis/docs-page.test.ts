// The page of the description: it shows all of it, and loads nothing from anywhere.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { PAGE_POLICY, renderPage } from "../../src/apis/ops/docs-page.ts";
import { html } from "../../src/apis/ops/html.ts";
import { renderMarkdown } from "../../src/apis/ops/markdown.ts";
import type { OpenApi } from "../../src/http/openapi.ts";
import { type InProcess, openInProcess } from "../support/in-process-server.ts";

let server: InProcess;
let document: OpenApi;
let page: string;

beforeAll(async () => {
  server = await openInProcess();
  document = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenApi;
  page = await (await fetch(`${server.url}/docs`)).text();
});

afterAll(() => server.close());

test("it names every operation with its path, and shows every example", () => {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const operation of Object.values(item)) {
      expect(page).toContain(`<article id="${operation.operationId}">`);
      expect(page).toContain(`<code>${path}</code>`);
      for (const { source } of operation["x-codeSamples"]) {
        expect(page).toContain(Bun.escapeHTML(source));
      }
    }
  }
  for (const name of Object.keys(document.components.schemas)) {
    expect(page).toContain(`<article id="schema-${name}">`);
  }
});

test("every link leads to a place in it, and each place is there once", () => {
  const ids = Array.from(page.matchAll(/ id="([^"]+)"/g), ([, id]) => id);
  const links = Array.from(page.matchAll(/ href="([^"]+)"/g), ([, link]) => link);
  expect(new Set(ids).size).toBe(ids.length);
  expect(links.length).toBeGreaterThan(0);
  const places = new Set(["openapi.json", ...ids.map((id) => `#${id}`)]);
  expect(links.filter((link = "") => !places.has(link))).toEqual([]);
});

test("it loads nothing, has no scripts, and its policy allows its own style alone", async () => {
  expect(page).not.toMatch(/<(script|link|img|iframe|object|embed|form|base)\b/i);
  expect(page).not.toMatch(/\s(src|srcset|style|on\w+)=|@import|url\(/i);
  const [, style = ""] = /<style>(.*)<\/style>/s.exec(page) ?? [];
  const hash = new Bun.CryptoHasher("sha256").update(style).digest("base64");
  const answer = await fetch(`${server.url}/docs`);
  expect(answer.headers.get("content-security-policy")).toBe(PAGE_POLICY);
  expect(PAGE_POLICY).toContain(`default-src 'none'; style-src 'sha256-${hash}';`);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
});

test.each(["/openapi.json", "/docs"])("who has %s already is told so", async (path) => {
  const first = await fetch(server.url + path);
  const etag = first.headers.get("etag") ?? "";
  expect(etag).toMatch(/^"[\w-]+"$/);
  for (const [known, status] of [
    [etag, 304],
    [`"other", ${etag}`, 304],
    ['"other"', 200],
  ] as const) {
    const again = await fetch(server.url + path, { headers: { "If-None-Match": known } });
    expect({ status: again.status, etag: again.headers.get("etag") }).toEqual({ status, etag });
    expect((await again.text()).length > 0).toBe(status === 200);
  }
});

test("pages of other origins may read the description", async () => {
  const answer = await fetch(`${server.url}/openapi.json`, {
    headers: { Origin: "https://editor.example" },
  });
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
});

test("whatever a text of the description holds, it is text", () => {
  const evil = "<script>alert('&')</script>";
  const shown = renderPage({
    ...document,
    info: { ...document.info, summary: evil, description: evil },
  });
  expect(shown).not.toContain("<script>");
  expect(shown).toContain("&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;");
  expect(html`<p class="${'a"b'}">${[html`${"<"}`, html`${1}`]}</p>`.text).toBe(
    '<p class="a&quot;b">&lt;1</p>',
  );
});

test.each([
  ["plain & simple", "<p>plain &amp; simple</p>"],
  ["one\n\ntwo", "<p>one</p><p>two</p>"],
  ["`a<b` and **much**", "<p><code>a&lt;b</code> and <strong>much</strong></p>"],
  ["- one\n- `two`", "<ul><li>one</li><li><code>two</code></li></ul>"],
  ["a ` alone, ** as well", "<p>a ` alone, ** as well</p>"],
])("of Markdown, %j", (text, markup) => {
  expect(renderMarkdown(text).text).toBe(markup);
});
