// The data of messages: JSON text of a client, which others are to get as it is.

import { invalidArgument } from "../../core/errors.ts";
import { type Json, renderJson } from "../../core/json.ts";

/** The text as the server hands it on. Throws `invalid_argument` where it is no JSON that others could read. */
export type DataReader = (text: string | undefined) => string | undefined;

/** `depthMax` is how deep arrays and objects may lie in each other. */
export function dataReader(depthMax: number): DataReader {
  return (text) => (text === undefined ? undefined : renderJson("data", parse(text), depthMax));
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw invalidArgument("The data is not valid JSON.");
  }
}
