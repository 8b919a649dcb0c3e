// Holds requests and answers to what the description of the server says of them.

import Ajv from "ajv/dist/2020";
import type { OpenApi, OpenApiOperation } from "../../src/http/openapi.ts";

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
  readonly #ajv = new Ajv({ strict: false, validateFormats: false });

  constructor(document: OpenApi) {
    this.#ajv.addSchema(document, "document");
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ method, path, ...operation })),
    );
  }

  /** Undefined: there is none for such a request. */
  find(method: string, pathname: string): Described | undefined {
    const asked = method.toLowerCase() === "head" ? "get" : method.toLowerCase();
    const fitting = this.operations.filter(
      (operation) => operation.method === asked && patternOf(operation.path).test(pathname),
    );
    return fitting.find(({ path }) => path === pathname) ?? fitting[0];
  }

  /** What is wrong with the answer, in words. */
  faultsOf(operation: Described, { status, headers, body }: Answered, isHead = false): string[] {
    const response = operation.responses[status];
    const where = `${operation.operationId} ${status}`;
    if (response === undefined) return [`${where}: the status is not described: ${body}`];
    const missing = Object.entries(response.headers ?? {})
      .filter(([name, { required }]) => required && !headers.has(name))
      .map(([name]) => `${where}: it has no header ${name}`);
    if (isHead) return missing;
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
    const pointer = place.map((key) => key.replaceAll("~", "~0").replaceAll("/", "~1"));
    const check = this.#ajv.getSchema(`document#/${pointer.map(encodeURIComponent).join("/")}`);
    if (check === undefined) throw new Error(`there is no schema at ${place.join(" ")}`);
    if (check(value) === true) return [];
    const why = this.#ajv.errorsText(check.errors);
    return [`${where}: ${why}: ${JSON.stringify(value).slice(0, 500)}`];
  }
}

function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join("[^/]+")}$`);
}
