// What the API answers: texts and JSON, each ended as deepstream ends them.

const END = "\r\n\r\n";

/** Made once: each answer copies its headers. */
export const JSON_ANSWER = {
  headers: new Headers({
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
  }),
};

/** `json` is JSON text. */
export function jsonResponse(json: string, init: ResponseInit = JSON_ANSWER): Response {
  return new Response(json + END, init);
}

export function textResponse(
  status: number,
  text: string,
  more: Readonly<Record<string, string>> = {},
): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return new Response(text + END, { status, headers: { ...headers, ...more } });
}
