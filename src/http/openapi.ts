// The description of a server as an OpenAPI document, made from what its APIs tell of themselves.

import type { TObject, TSchema } from "@sinclair/typebox";
import { curlOf } from "./curl.ts";
import type {
  Answer,
  ApiDescription,
  Caller,
  Content,
  Example,
  Operation,
  RequestBody,
  Tag,
} from "./description.ts";

/** As far as it is made here, of OpenAPI 3.1, whose schemas are JSON Schema. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly summary: string;
    readonly description: string;
    readonly license: { readonly name: string; readonly identifier: string };
  };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly Tag[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

export type PathItem = { readonly [Name in Operation["method"]]?: OpenApiOperation };

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly description?: string;
    readonly required: boolean;
    readonly content: Readonly<Record<string, MediaType>>;
  };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
  /** Other paths at which the same is done; `*` is whatever follows. */
  readonly "x-also-at"?: readonly string[];
  /** The same examples once more, as one types them. */
  readonly "x-codeSamples": readonly CodeSample[];
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  readonly examples?: Readonly<Record<string, OpenApiExample>>;
}

export interface MediaType {
  readonly schema: JsonSchema;
  readonly examples?: Readonly<Record<string, OpenApiExample>>;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, OpenApiHeader>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface OpenApiHeader {
  readonly description?: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
  readonly examples?: Readonly<Record<string, OpenApiExample>>;
}

export interface OpenApiExample {
  readonly summary?: string;
  readonly value: unknown;
}

export interface CodeSample {
  readonly lang: string;
  readonly label: string;
  readonly source: string;
  /** The name under which the parts of the example stand. */
  readonly "x-example": string;
  readonly "x-status": number;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface About {
  readonly version: string;
  readonly summary: string;
  readonly description: string;
  /** What paths are added to. */
  readonly serverUrl: string;
}

const SECURITY_SCHEMES = {
  token: {
    type: "http",
    scheme: "bearer",
    description:
      "A token, in the form of Momento's keys or as the JWT inside, also without `Bearer`.",
  },
  tokenInQuery: {
    type: "apiKey",
    in: "query",
    name: "token",
    description: "The same token, for who cannot set a header.",
  },
};

/** Throws when two schemas share a title, or two operations a method and path. */
export function describeApis(about: About, apis: readonly ApiDescription[]): OpenApi {
  const schemas = new Schemas();
  const paths: Record<string, PathItem> = {};
  for (const operation of apis.flatMap(({ operations }) => operations)) {
    const { method, path } = operation;
    if (paths[path]?.[method] !== undefined) throw new Error(`${method} ${path} is there twice`);
    paths[path] = { ...paths[path], [method]: describeOperation(operation, schemas) };
  }
  const { version, summary, description, serverUrl } = about;
  return {
    openapi: "3.1.0",
    info: {
      title: "Millrace",
      version,
      summary,
      description,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: serverUrl }],
    tags: apis.flatMap(({ tags }) => tags),
    paths,
    components: { schemas: schemas.titled(), securitySchemes: SECURITY_SCHEMES },
  };
}

/** Puts schemas that have a title apart, under it, and refers to them. */
class Schemas {
  readonly #titled = new Map<string, JsonSchema>();

  render(schema: TSchema): JsonSchema {
    return this.#render(schema) as JsonSchema;
  }

  titled(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#titled].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #render(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.#render(one));
    if (typeof value !== "object" || value === null) return value;
    const rendered: Record<string, unknown> = Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, this.#render(member)]),
    );
    const { title, ...schema } = rendered;
    // A property may be called title, and is no text.
    if (typeof title !== "string") return rendered;
    const known = this.#titled.get(title);
    if (known !== undefined && !Bun.deepEquals(known, schema)) {
      throw new Error(`two schemas have the title ${title}`);
    }
    this.#titled.set(title, schema);
    return { $ref: `#/components/schemas/${title}` };
  }
}

function describeOperation(operation: Operation, schemas: Schemas): OpenApiOperation {
  const { id, tag, summary, description, caller, body, answers } = operation;
  // What is wrong as a request is shown with its answer only: it would not do as the schemas say.
  const good = operation.examples.filter(({ answer }) => answer.status !== 400);
  const parameters = parametersOf({ ...operation, examples: good }, schemas);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(operation.alsoAt === undefined ? {} : { "x-also-at": operation.alsoAt }),
    security: securityOf(caller),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined ? {} : { requestBody: bodyOf(body, good, schemas) }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => {
        const shown = operation.examples.filter((one) => String(one.answer.status) === status);
        return [status, answerOf(answer, shown, schemas)];
      }),
    ),
    "x-codeSamples": operation.examples.map((example) => ({
      lang: "Shell",
      label: example.summary,
      source: curlOf(operation, example),
      "x-example": example.name,
      "x-status": example.answer.status,
    })),
  };
}

function securityOf(caller: Caller): OpenApiOperation["security"] {
  if (caller === "anyone") return [];
  const roles = caller === "admin" ? ["admin"] : [];
  const either = [{ token: roles }, { tokenInQuery: roles }];
  return caller === "user" ? [{}, ...either] : either;
}

function parametersOf({ parameters = {}, examples }: Operation, schemas: Schemas): Parameter[] {
  const places = [
    { in: "path", schema: parameters.path, partsOf: ({ path }: Example) => path },
    { in: "query", schema: parameters.query, partsOf: ({ query }: Example) => query },
    { in: "header", schema: parameters.header, partsOf: ({ headers }: Example) => headers },
  ] as const;
  return places.flatMap((place) =>
    fieldsOf(place.schema, schemas).map(({ name, ...field }) => ({
      name,
      in: place.in,
      ...field,
      ...examplesOf(examples, (example) => place.partsOf(example)?.[name]),
    })),
  );
}

function fieldsOf(object: TObject | undefined, schemas: Schemas) {
  return Object.entries(object?.properties ?? {}).map(([name, property]) => {
    const { description, ...schema } = schemas.render(property);
    return {
      name,
      required: object?.required?.includes(name) ?? false,
      ...(typeof description === "string" ? { description } : {}),
      schema,
    };
  });
}

function bodyOf(
  { required, description, content }: RequestBody,
  examples: readonly Example[],
  schemas: Schemas,
) {
  const [usual] = Object.keys(content);
  return {
    ...(description === undefined ? {} : { description }),
    required,
    content: mediaTypes(content, schemas, (type) =>
      examplesOf(
        examples.filter(({ contentType = usual }) => contentType === type),
        ({ body }) => body,
      ),
    ),
  };
}

function answerOf(
  { description, headers, content }: Answer,
  examples: readonly Example[],
  schemas: Schemas,
): OpenApiResponse {
  const fields = fieldsOf(headers, schemas).map(({ name, ...field }) => [
    name,
    { ...field, ...examplesOf(examples, ({ answer }) => answer.headers?.[name]) },
  ]);
  const [usual] = Object.keys(content ?? {});
  return {
    description,
    ...(fields.length > 0 ? { headers: Object.fromEntries(fields) } : {}),
    ...(content === undefined
      ? {}
      : {
          content: mediaTypes(content, schemas, (type) =>
            type === usual ? examplesOf(examples, ({ answer }) => answer.body) : {},
          ),
        }),
  };
}

function mediaTypes(
  content: Content,
  schemas: Schemas,
  examplesFor: (type: string) => Pick<MediaType, "examples">,
): Record<string, MediaType> {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema]) => [
      type,
      { schema: schemas.render(schema), ...examplesFor(type) },
    ]),
  );
}

/** Of the examples that have such a part, under their names. */
function examplesOf(
  examples: readonly Example[],
  partOf: (example: Example) => unknown,
): Pick<MediaType, "examples"> {
  const found = examples
    .map((example) => [example.name, { summary: example.summary, value: partOf(example) }] as const)
    .filter(([, { value }]) => value !== undefined);
  return found.length > 0 ? { examples: Object.fromEntries(found) } : {};
}
