// Sends what was recorded and compares what comes.

import { expect } from "bun:test";
import type { Answer, DeepstreamClient } from "./client.ts";
import { expectedOf, type Recorded } from "./recorded.ts";

/** To pages of any origin: what every answer carries where no origins are set. */
export const TO_ANY_ORIGIN = { "access-control-allow-origin": "*" };

export async function replay(
  client: DeepstreamClient,
  row: Recorded,
  answerHeaders: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { method = "POST", path = "/api", headers = {}, before = [], body } = row;
  if (before.length > 0) expect(await client.run(before)).toMatchObject({ status: 200 });
  const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
  const answer = await client.send(method, path, {
    headers,
    ...(text !== undefined && { body: text }),
  });
  expectAnswer(answer, row, answerHeaders);
}

export function titleOf({ label, differs }: Recorded): string {
  return differs === undefined ? label : `${label}: otherwise, because ${differs.why}`;
}

function expectAnswer(
  given: Answer,
  row: Recorded,
  always: Readonly<Record<string, string>>,
): void {
  const { status, answer, answerHeaders, isText, end } = expectedOf(row);
  const text = given.body.replace(/\r\n\r\n$/, "");
  expect({ status: given.status, body: given.body }).toEqual({ status, body: text + end });
  const type = isText ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
  expect(Object.fromEntries(given.headers)).toMatchObject({
    ...(answer !== "" && { "content-type": type }),
    ...(row.differs?.isBare !== true && always),
    ...answerHeaders,
  });
  const meaning: unknown = isText ? text : JSON.parse(text);
  expect(meaning).toEqual(answer);
}
