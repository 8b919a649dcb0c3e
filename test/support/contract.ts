// Holds requests and answers to what the description of the server says of them.

import Ajv, { type ValidateFunction } from "ajv/dist/2020";
import { loadSettings } from "../../src/config/load.ts";
import type { Settings } from "../../src/config/schema.ts";
import type { OpenApi, OpenApiOperation } from "../../src/http/openapi.ts";
import { describeServer } from "../../src/server/description.ts";

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface Described extends OpenApiOperation {
  /** In lower case. */
  readonly method: string;
  readonly path: string;
}

export class Contract {
  readonly operations: readonly Described[];
  readonly #patterns: ReadonlyMap<Described, RegExp>;
  readonly #checks = new Map<string, ValidateFunction>();
  readonly #ajv = new Ajv({ strict: false, validateFormats: false });

  constructor(document: OpenApi) {
    this.#ajv.addSchema(document, "document");
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ method, path, ...operation })),
    );
    this.#patterns = new Map(this.operations.map((one) => [one, patternOf(one.path)]));
  }

  /** Undefined: there is none for such a request. */
  find(method: string, pathname: string): Described | undefined {
    const fitting = this.operations.filter(
      (operation) =>
        operation.method === method.toLowerCase() && this.#patterns.get(operation)?.test(pathname),
    );
    return fitting.find(({ path }) => path === pathname) ?? fitting[0];
  }

  /** What is wrong with the answer, in words. */
  faultsOf(operation: Described, { status, headers, body }: Answered): string[] {
    const response = operation.responses[status];
    const where = `${operation.operationId} ${status}`;
    if (response === undefined) return [`${where}: the status is not described: ${body}`];
    const missing = Object.entries(response.headers ?? {})
      .filter(([name, { required }]) => required && !headers.has(name))
      .map(([name]) => `${where}: it has no header ${name}`);
    if (response.content === undefined) {
      return body === "" ? missing : [...missing, `${where}: it has a body: ${body}`];
    }
    const type = headers.get("content-type")?.split(";")[0] ?? "none";
    if (!(type in response.content)) return [...missing, `${where}: its content is ${type}`];
    if (type !== "application/json" || body === "") return missing;
    const place = ["paths", operation.path, operation.method, "responses", `${status}`, "content"];
    return [...missing, ...this.faults([...place, type, "schema"], JSON.parse(body), where)];
  }

  /** Of a value that the schema at this place of the document is to hold for. */
  faults(place: readonly string[], value: unknown, where = place.join(" ")): string[] {
    const check = this.#checkOf(place);
    if (check(value) === true) return [];
    const why = this.#ajv.errorsText(check.errors);
    return [`${where}: ${why}: ${JSON.stringify(value).slice(0, 500)}`];
  }

  #checkOf(place: readonly string[]): ValidateFunction {
    const pointer = place
      .map((key) => encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1")))
      .join("/");
    const check = this.#checks.get(pointer) ?? this.#ajv.getSchema(`document#/${pointer}`);
    if (check === undefined) throw new Error(`there is no schema at ${place.join(" ")}`);
    this.#checks.set(pointer, check);
    return check;
  }
}

function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join("[^/]+")}$`);
}

/** Throws unless the answer is one that the description of a server with the usual settings knows. */
export function holdToContract(method: string, path: string, answer: Answered): void {
  const pathname = path.split("?", 1)[0] ?? "";
  const operation = usual().find(method, pathname);
  // What no operation is for has answers of its own, and a path may have been set to be another.
  if (operation === undefined || answer.body === "Endpoint not found.") return;
  const faults = usual().faultsOf(operation, answer);
  if (faults.length > 0) throw new Error(`${method} ${path}: ${faults.join("; ")}`);
}

let contract: Contract | undefined;

function usual(): Contract {
  contract ??= new Contract(describeServer(settings(), "/"));
  return contract;
}

function settings(): Settings {
  const loaded = loadSettings({ environment: {}, flags: {} });
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  return loaded.settings;
}
