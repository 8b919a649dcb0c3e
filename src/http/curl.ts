// An example as one types it, with the address and the tokens in variables of the shell.

import type { Example, Operation } from "./description.ts";
import { readableJson } from "./json-text.ts";

/** For a POSIX shell, with URL, and TOKEN or ADMIN where it takes a token. */
export function curlOf(operation: Operation, example: Example): string {
  const { method, body } = operation;
  const [usualType] = Object.keys(body?.content ?? {});
  const headers = Object.entries(example.headers ?? {}).map(([name, text]) => `${name}: ${text}`);
  if (example.body !== undefined) {
    // Without it curl would say that it is a form.
    headers.push(`Content-Type: ${example.contentType ?? usualType}`);
  }
  const usualMethod = example.body === undefined ? "get" : "post";
  const verb = method === usualMethod ? "" : `-X ${method.toUpperCase()} `;
  return [
    `curl ${verb}"$URL${targetOf(operation.path, example)}"`,
    ...tokenHeader(operation, example),
    ...headers.map((header) => `-H ${quoted(header)}`),
    ...(example.body === undefined ? [] : [`-d ${quoted(textOf(example.body))}`]),
  ].join(" \\\n  ");
}

function tokenHeader({ caller }: Operation, { token }: Example): string[] {
  const whose = token ?? (caller === "anyone" ? "none" : caller);
  if (whose === "none") return [];
  return [`-H "Authorization: $${whose === "admin" ? "ADMIN" : "TOKEN"}"`];
}

/** Nothing in it means anything within the shell's double quotes. */
function targetOf(path: string, { path: parts = {}, query = {} }: Example): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    return encodeURIComponent(parts[name] ?? "");
  });
  const pairs = Object.entries(query).map(([name, value]) => {
    return `${name}=${encodeURIComponent(value)}`;
  });
  return pairs.length > 0 ? `${filled}?${pairs.join("&")}` : filled;
}

function textOf(body: unknown): string {
  return typeof body === "string" ? body : readableJson(body);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
