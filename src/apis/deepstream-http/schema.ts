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

const emit = command("event", "emit", { eventName: Name, data: Type.Optional(AnyJson) });
const make = command("rpc", "make", { rpcName: Name, data: Type.Optional(AnyJson) });
const query = command("presence", "query", { names: Type.Optional(Type.Array(Type.String())) });
const read = command("record", "read", { recordName: Name });
const head = command("record", "head", { recordName: Name });
const remove = command("record", "delete", { recordName: Name });
const notify = command("record", "notify", { recordNames: Type.Array(Name) });
const write = command("record", "write", {
  recordName: Name,
  data: Type.Unsafe<Json>(Type.Union([Type.Object({}), Type.Array(Type.Any())])),
  version: Version,
});
const patch = command("record", "write", {
  recordName: Name,
  path: Type.String(),
  data: AnyJson,
  version: Version,
});
const readList = command("list", "read", { listName: Name });
const removeList = command("list", "delete", { listName: Name });
const writeList = command("list", "write", {
  listName: Name,
  data: Type.Array(Type.String()),
  version: Version,
});

const checks = {
  emit: compile(emit),
  make: compile(make),
  query: compile(query),
  read: compile(read),
  head: compile(head),
  remove: compile(remove),
  notify: compile(notify),
  write: compile(write),
  patch: compile(patch),
  readList: compile(readList),
  removeList: compile(removeList),
  writeList: compile(writeList),
};

type Checks = typeof checks;
export type CommandKind = keyof Checks;

/** A command that its schema holds for. */
export type WireCommand = {
  [Kind in CommandKind]: { readonly kind: Kind; readonly wire: Static<SchemaOf<Checks[Kind]>> };
}[CommandKind];

type SchemaOf<Check> = Check extends TypeCheck<infer Schema> ? Schema : never;

/** By topic, then action. */
const KINDS: ReadonlyMap<unknown, ReadonlyMap<unknown, CommandKind>> = new Map([
  ["event", new Map<unknown, CommandKind>([["emit", "emit"]])],
  ["rpc", new Map<unknown, CommandKind>([["make", "make"]])],
  ["presence", new Map<unknown, CommandKind>([["query", "query"]])],
  [
    "record",
    new Map<unknown, CommandKind>([
      ["read", "read"],
      ["head", "head"],
      ["write", "write"],
      ["delete", "remove"],
      ["notify", "notify"],
    ]),
  ],
  [
    "list",
    new Map<unknown, CommandKind>([
      ["read", "readList"],
      ["write", "writeList"],
      ["delete", "removeList"],
    ]),
  ],
]);

/** The command, or in words what is wrong with it. */
export function readCommand(value: unknown): WireCommand | string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return "it should be an object";
  }
  const { topic, action } = value as { topic?: unknown; action?: unknown };
  const actions = KINDS.get(topic);
  if (actions === undefined) return wrongChoice("topic", topic, KINDS.keys());
  const found = actions.get(action);
  if (found === undefined) return wrongChoice("action", action, actions.keys());
  const kind = found === "write" && Object.hasOwn(value, "path") ? "patch" : found;
  const check: TypeCheck<TSchema> = checks[kind];
  if (check.Check(value)) return { kind, wire: value } as WireCommand;
  const [error] = check.Errors(value);
  return error === undefined
    ? "it is not valid"
    : `property '${shortened(error.path.slice(1))}': ${lowered(error.message)}`;
}

function command<Properties extends Record<string, TSchema>>(
  topic: string,
  action: string,
  properties: Properties,
) {
  return Type.Object(
    { topic: Type.Literal(topic), action: Type.Literal(action), ...properties },
    { additionalProperties: false },
  );
}

function compile<Schema extends TObject>(schema: Schema): TypeCheck<Schema> {
  return TypeCompiler.Compile(schema);
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
