// The description as a page to read, which loads nothing from anywhere else and has no scripts.

import { readableJson } from "../../http/json-text.ts";
import type {
  CodeSample,
  JsonSchema,
  MediaType,
  OpenApi,
  OpenApiOperation,
  OpenApiResponse,
  Parameter,
} from "../../http/openapi.ts";
import { STYLE } from "./docs-style.ts";
import { Html, html } from "./html.ts";
import { renderMarkdown } from "./markdown.ts";
import { describeType, fieldsOf } from "./schema-fields.ts";

interface Placed extends OpenApiOperation {
  readonly method: string;
  readonly path: string;
}

/** What the browser is to allow the page: its own style, and nothing else. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${new Bun.CryptoHasher("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export function renderPage(document: OpenApi): string {
  const { info, tags, components } = document;
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): Placed => ({ method, path, ...operation })),
  );
  const chapters = tags.map((tag) => ({
    ...tag,
    id: anchorOf(tag.name),
    operations: operations.filter((operation) => operation.tags.includes(tag.name)),
  }));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} ${info.version}: the API</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>
<h1>${info.title}<small>${info.version}</small></h1>
<p>${info.summary}</p>
</header>
<div class="sides">
<nav aria-label="Contents">
${chapters.map(
  ({ id, name, operations: own }) => html`<a href="#${id}"><strong>${name}</strong></a>
<ul>${own.map(({ operationId, summary }) => html`<li><a href="#${operationId}">${summary}</a></li>`)}</ul>
`,
)}<a href="#schemas"><strong>Schemas</strong></a>
</nav>
<main>
<section>
<h2>Before you begin</h2>
${renderMarkdown(info.description)}
<p>For tools, the same is at <a href="openapi.json">openapi.json</a>.</p>
</section>
${chapters.map(
  ({ id, name, description, operations: own }) => html`<section id="${id}">
<h2>${name}</h2>
${renderMarkdown(description)}
${own.map(renderOperation)}
</section>
`,
)}<section id="schemas">
<h2>Schemas</h2>
${Object.entries(components.schemas).map(renderSchema)}
</section>
</main>
</div>
</body>
</html>
`;
  return page.text;
}

function renderOperation(operation: Placed): Html {
  const { operationId, summary, method, path, description, parameters, requestBody } = operation;
  return html`<article id="${operationId}">
<h3><a href="#${operationId}">${summary}</a></h3>
<p class="route"><span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code></p>
<p class="faint">${callerOf(operation)}${(operation["x-also-at"] ?? []).map((other) => html` Also at <code>${other}</code>.`)}</p>
${description === undefined ? "" : renderMarkdown(description)}
${parameters === undefined ? "" : renderParameters(parameters)}
${requestBody === undefined ? "" : renderBody(requestBody)}
<h4>Examples</h4>
${operation["x-codeSamples"].map((sample, index) => renderExample(operation, sample, index === 0))}
<h4>Answers</h4>
<table class="answers">
${Object.entries(operation.responses).map(([status, response]) => renderResponse(status, response))}
</table>
</article>
`;
}

function callerOf({ security }: Placed): string {
  if (security.length === 0) return "Anybody may call this.";
  if (security.some((way) => Object.keys(way).length === 0)) {
    return "Takes the token of a user; without one it needs the way to log in that asks nobody.";
  }
  return security.some(({ token }) => token?.includes("admin"))
    ? "Needs an admin token."
    : "Needs a token.";
}

function renderParameters(parameters: readonly Parameter[]): Html {
  return html`<h4>Parameters</h4>
<table>
${parameters.map(
  ({ name, in: place, required, description = "", schema }) =>
    html`<tr><td><code>${name}</code> <span class="faint">in ${place}${required ? "" : ", optional"}</span></td><td><span class="faint">${describeType(schema)}</span> ${renderMarkdown(description)}</td></tr>
`,
)}</table>
`;
}

function renderBody({
  required,
  description,
  content,
}: NonNullable<OpenApiOperation["requestBody"]>): Html {
  return html`<h4>Body</h4>
${description === undefined ? "" : renderMarkdown(description)}
${Object.entries(content).map(
  ([
    type,
    { schema },
  ]) => html`<p><code>${type}</code>${required ? "" : ", optional"}: ${describeType(schema)}</p>
${renderFields(schema)}`,
)}`;
}

function renderResponse(status: string, response: OpenApiResponse): Html {
  const { description, headers = {}, content = {} } = response;
  const named = Object.entries(headers).map(
    ([name, { description: about = "" }]) =>
      html`<li><code>${name}</code>${about === "" ? "" : `: ${about}`}</li>`,
  );
  return html`<tr><td>${status}</td><td>${renderMarkdown(description)}
${named.length === 0 ? "" : html`<ul>${named}</ul>`}
<p class="faint">${Object.entries(content).map(renderContent)}</p></td></tr>
`;
}

function renderContent([type, { schema }]: [string, MediaType], index: number): Html {
  return html`${index === 0 ? "" : " or "}<code>${type}</code>: ${describeType(schema)}`;
}

function renderExample(operation: Placed, sample: CodeSample, open: boolean): Html {
  const response = operation.responses[sample["x-status"]];
  const name = sample["x-example"];
  const headers = Object.entries(response?.headers ?? {}).flatMap(([header, { examples }]) => {
    const example = examples?.[name];
    return example === undefined ? [] : [`${header}: ${example.value}`];
  });
  const [body] = Object.values(response?.content ?? {}).flatMap(({ examples }) => {
    const example = examples?.[name];
    return example === undefined ? [] : [textOf(example.value)];
  });
  const answer = [...headers, ...(body === undefined ? [] : [body])].join("\n");
  return html`<details${new Html(open ? " open" : "")}>
<summary>${sample.label} <span>→ ${sample["x-status"]}</span></summary>
<pre>${sample.source}</pre>
${answer === "" ? "" : html`<pre>${answer}</pre>`}
</details>
`;
}

function renderSchema([name, schema]: [string, JsonSchema]): Html {
  const { description } = schema;
  return html`<article id="schema-${name}">
<h3><a href="#schema-${name}">${name}</a></h3>
${typeof description === "string" ? renderMarkdown(description) : ""}
${renderFields(schema)}
</article>
`;
}

function renderFields(schema: JsonSchema): Html {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return html``;
  return html`<table>
${fields.map(
  ({ name, isRequired, type, description }) =>
    html`<tr><td><code>${name}</code>${isRequired ? "" : html` <span class="faint">optional</span>`}</td><td><span class="faint">${type}</span> ${renderMarkdown(description)}</td></tr>
`,
)}</table>
`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : readableJson(value);
}

function anchorOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]+/g, "-");
}
