// The commands of deepstreamHub's HTTP API as they stand in the body of a request, by topic and action.

import { type Static, type TObject, type TSchema, Type } from "@sinclair/typebox";
import { type TypeCheck, TypeCompiler } from "@sinclair/typebox/compiler";
import type { Json } from "../../core/json.ts";

/** Of the path to what is wrong with a command. */
const PATH_SHOWN_MAX = 100;

const AnyJson = Type.Unsafe<Json>(Type.Any());
const Name = Type.String({ minLength: 1 });
const Version = Type.Optional(
  Type.Integer({
    minimum: -1,
    description: "The version to be written; 0 and -1: whatever it is.",
  }),
);

const emit = command("EventEmit", "event", "emit", {
  eventName: Name,
  data: Type.Optional(AnyJson),
});
const make = command("RpcMake", "rpc", "make", { rpcName: Name, data: Type.Optional(AnyJson) });
const query = command("PresenceQuery", "presence", "query", {
  names: Type.Optional(Type.Array(Type.String())),
});
const read = command("RecordRead", "record", "read", { recordName: Name });
const head = command("RecordHead", "record", "head", { recordName: Name });
const remove = command("RecordDelete", "record", "delete", { recordName: Name });
const notify = command("RecordNotify", "record", "notify", { recordNames: Type.Array(Name) });
const write = command("RecordWrite", "record", "write", {
  recordName: Name,
  data: Type.Unsafe<Json>(Type.Union([Type.Object({}), Type.Array(Type.Any())])),
  version: Version,
});
const patch = command("RecordPatch", "record", "write", {
  recordName: Name,
  path: Type.String(),
  data: AnyJson,
  version: Version,
});
const readList = command("ListRead", "list", "read", { listName: Name });
const removeList = command("ListDelete", "list", "delete", { listName: Name });
const writeList = command("ListWrite", "list", "write", {
  listName: Name,
  data: Type.Array(Type.String()),
  version: Version,
});

const schemas = {
  emit,
  make,
  query,
  read,
  head,
  remove,
  notify,
  write,
  patch,
  readList,
  removeList,
  writeList,
};

/** For the description: what holds of a command that is one of these forms, with no member more. */
export const Command = Type.Union(
  Object.values(schemas).map((schema) => ({ ...schema, additionalProperties: false })),
);

export type CommandKind = keyof typeof schemas;

/** A command that its schema holds for. */
export type WireCommand = {
  [Kind in CommandKind]: { readonly kind: Kind; readonly wire: Static<(typeof schemas)[Kind]> };
}[CommandKind];

interface Form {
  readonly kind: CommandKind;
  readonly schema: TSchema;
  /** Made for the first command of the form: those of all would be a tenth of the time of a start. */
  check: TypeCheck<TSchema> | undefined;
  readonly members: ReadonlySet<string>;
  /** How many of them there must be. */
  readonly required: number;
  readonly optional: readonly string[];
}

const forms = Object.fromEntries(
  Object.entries(schemas).map(([kind, schema]) => [kind, formOf(kind as CommandKind, schema)]),
) as Record<CommandKind, Form>;

/** By topic, then action. */
const FORMS: ReadonlyMap<unknown, ReadonlyMap<unknown, Form>> = new Map([
  ["event", new Map<unknown, Form>([["emit", forms.emit]])],
  ["rpc", new Map<unknown, Form>([["make", forms.make]])],
  ["presence", new Map<unknown, Form>([["query", forms.query]])],
  [
    "record",
    new Map<unknown, Form>([
      ["read", forms.read],
      ["head", forms.head],
      ["write", forms.write],
      ["delete", forms.remove],
      ["notify", forms.notify],
    ]),
  ],
  [
    "list",
    new Map<unknown, Form>([
      ["read", forms.readList],
      ["write", forms.writeList],
      ["delete", forms.removeList],
    ]),
  ],
]);

/** The command, or in words what is wrong with it. */
export function readCommand(value: unknown): WireCommand | string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return "it should be an object";
  }
  const { topic, action } = value as { topic?: unknown; action?: unknown };
  const actions = FORMS.get(topic);
  if (actions === undefined) return wrongChoice("topic", topic, FORMS.keys());
  const found = actions.get(action);
  if (found === undefined) return wrongChoice("action", action, actions.keys());
  const form = found === forms.write && Object.hasOwn(value, "path") ? forms.patch : found;
  return faultOf(value, form) ?? ({ kind: form.kind, wire: value } as WireCommand);
}

function faultOf(value: object, form: Form): string | undefined {
  form.check ??= TypeCompiler.Compile(form.schema);
  if (!form.check.Check(value)) {
    const [error] = form.check.Errors(value);
    if (error === undefined) return "it is not valid";
    return `property '${shortened(error.path.slice(1))}': ${lowered(error.message)}`;
  }
  const name = unexpectedIn(value, form);
  return name === undefined ? undefined : `property '${shortened(name)}': unexpected property`;
}

/** Here and not in the schema, whose check would make an array of the names first. */
function unexpectedIn(value: object, form: Form): string | undefined {
  // Counted first, which costs a fraction of looking each of them up.
  let unexpected = -form.required;
  for (const _ in value) unexpected += 1;
  for (const name of form.optional) if (Object.hasOwn(value, name)) unexpected -= 1;
  if (unexpected === 0) return undefined;
  return Object.keys(value).find((name) => !form.members.has(name));
}

function command<Properties extends Record<string, TSchema>>(
  title: string,
  topic: string,
  action: string,
  properties: Properties,
) {
  return Type.Object(
    { topic: Type.Literal(topic), action: Type.Literal(action), ...properties },
    { title },
  );
}

function formOf(kind: CommandKind, schema: TObject): Form {
  const members = Object.keys(schema.properties);
  const { required = [] } = schema;
  return {
    kind,
    schema,
    check: undefined,
    members: new Set(members),
    required: required.length,
    optional: members.filter((name) => !required.includes(name)),
  };
}

function wrongChoice(member: string, value: unknown, allowed: Iterable<unknown>): string {
  const names = [...allowed].join(", ");
  if (value === undefined) return `property '${member}' is required`;
  return `property '${member}' should be one of ${names}`;
}

/** The name of a member may be as long as the body. */
function shortened(path: string): string {
  return path.length > PATH_SHOWN_MAX
    ? `${path.slice(0, PATH_SHOWN_MAX).toWellFormed()}…`
    : path.toWellFormed();
}

function lowered(message: string): string {
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}
