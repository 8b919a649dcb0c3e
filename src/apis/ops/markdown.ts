// As much of Markdown as the descriptions use: paragraphs, lists, code and emphasis.

import { type Html, html } from "./html.ts";

export function renderMarkdown(text: string): Html {
  return html`${text.split(/\n{2,}/).map(renderBlock)}`;
}

function renderBlock(text: string): Html {
  const lines = text.split("\n");
  if (lines.every((line) => line.startsWith("- "))) {
    return html`<ul>${lines.map((line) => html`<li>${renderInline(line.slice(2))}</li>`)}</ul>`;
  }
  return html`<p>${renderInline(lines.join(" "))}</p>`;
}

function renderInline(text: string): Html {
  return html`${text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`") && part.length > 1) return html`<code>${part.slice(1, -1)}</code>`;
    if (part.startsWith("**")) return html`<strong>${part.slice(2, -2)}</strong>`;
    return html`${part}`;
  })}`;
}
