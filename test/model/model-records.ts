// Records as a plain map of documents with versions. Knows nothing of src's own reckoning.

import type { Json } from "../../src/core/json.ts";

export type Path = readonly (string | number)[];

/** A version that is absent or below 1 is forced. */
export type Command =
  | { kind: "set"; name: string; data: Json; version: number | undefined }
  | { kind: "patch"; name: string; path: Path; data: Json | undefined; version: number | undefined }
  | { kind: "delete"; name: string }
  | { kind: "read"; name: string }
  | { kind: "head"; name: string };

export type Answer =
  | { kind: "written"; version: number }
  | { kind: "deleted"; existed: boolean }
  | { kind: "conflict"; is: "exists" | "invalid"; version: number; data: Json | undefined }
  | { kind: "record"; version: number; data: Json }
  | { kind: "missing" }
  | { kind: "version"; version: number }
  | { kind: "refused" };

interface Document {
  readonly version: number;
  readonly data: Json;
}

type Container = Record<string | number, Json>;

export class ModelRecords {
  readonly #documents = new Map<string, Document>();

  version(name: string): number {
    return this.#documents.get(name)?.version ?? 0;
  }

  /** By name in bytewise order. */
  list() {
    return [...this.#documents]
      .map(([name, { version, data }]) => {
        return { name, version, bytes: Buffer.byteLength(JSON.stringify(data)) };
      })
      .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  }

  run(command: Command): Answer {
    const { name } = command;
    const found = this.#documents.get(name);
    switch (command.kind) {
      case "read":
        return found === undefined ? { kind: "missing" } : { kind: "record", ...found };
      case "head":
        return { kind: "version", version: found?.version ?? -1 };
      case "delete":
        return { kind: "deleted", existed: this.#documents.delete(name) };
      case "set":
        return this.#write(command, () => command.data);
      case "patch":
        return this.#write(command, () => {
          const root = structuredClone(found?.data ?? {}) as Container;
          return put(root, command.path, command.data) ? (root as Json) : undefined;
        });
    }
  }

  #write(
    { name, version }: Extract<Command, { version: number | undefined }>,
    make: () => Json | undefined,
  ): Answer {
    const current = this.version(name);
    if (version !== undefined && version > 0 && version !== current + 1) {
      const is = version <= current ? "exists" : "invalid";
      return {
        kind: "conflict",
        is,
        version: current,
        data: this.#documents.get(name)?.data,
      };
    }
    const data = make();
    if (data === undefined) return { kind: "refused" };
    this.#documents.set(name, { version: current + 1, data: asKept(data) });
    return { kind: "written", version: current + 1 };
  }
}

/** False: a name was asked of an array. */
function put(container: Container, path: Path, value: Json | undefined): boolean {
  const [token = "", ...rest] = path;
  const has = Object.keys(container).includes(String(token));
  if (Array.isArray(container) && typeof token === "string" && !has) return false;
  if (rest.length > 0) {
    const found = has ? container[token] : undefined;
    const isContainer = typeof found === "object" && found !== null;
    const made = typeof rest[0] === "number" ? [] : {};
    const below = (isContainer ? found : made) as Container;
    container[token] = below as Json;
    return put(below, rest, value);
  }
  if (value === undefined) delete container[token];
  else container[token] = value;
  return true;
}

/** Holes are null, and -0 is 0. */
function asKept(data: Json): Json {
  return JSON.parse(JSON.stringify(data)) as Json;
}
