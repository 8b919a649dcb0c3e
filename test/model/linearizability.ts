// Whether what clients of one record saw at the same time could have happened one command after the other.

/** Values are told apart by their text: each is written once. A version of undefined is forced. */
export type Deed =
  | { readonly kind: "read" }
  | { readonly kind: "head" }
  | { readonly kind: "write"; readonly version: number | undefined; readonly value: string }
  | { readonly kind: "delete" };

/** What was done, and in words what the answer was. */
export interface Operation {
  readonly deed: Deed;
  readonly answer: string;
}

/** An operation takes effect somewhere between its call and its return. */
export interface Event {
  readonly kind: "call" | "return";
  readonly operation: Operation;
}

/** Undefined: there is no such record. */
type State = { readonly version: number; readonly value: string } | undefined;

/** One way in which it may have happened until now: what the record is, and which open calls took effect. */
interface World {
  readonly state: State;
  readonly done: ReadonlySet<Operation>;
}

/** The answer to all that changes something, and to nothing else. */
const SUCCESS = "success";

export class History {
  readonly events: Event[] = [];

  async record(deed: Deed, work: () => Promise<string>): Promise<string> {
    const operation = { deed, answer: "" };
    this.events.push({ kind: "call", operation });
    operation.answer = await work();
    this.events.push({ kind: "return", operation });
    return operation.answer;
  }
}

/** The operation whose answer no order explains; undefined: there is an order for all of them. */
export function firstUnexplained(events: readonly Event[]): Operation | undefined {
  let worlds: readonly World[] = [{ state: undefined, done: new Set() }];
  const open = new Map<Operation, number>();
  for (const [index, { kind, operation }] of events.entries()) {
    if (kind === "call") {
      open.set(operation, index);
      continue;
    }
    worlds = worldsWith(operation, worlds, open);
    if (worlds.length === 0) return operation;
    open.delete(operation);
  }
  return undefined;
}

/** What the answer is of a record in this state, and what the record is then. */
export function apply(state: State, deed: Deed): { state: State; answer: string } {
  const version = state?.version ?? 0;
  switch (deed.kind) {
    case "read":
      return { state, answer: describe(state) };
    case "head":
      return { state, answer: `version ${state === undefined ? -1 : version}` };
    case "delete":
      return { state: undefined, answer: SUCCESS };
    case "write": {
      const next = version + 1;
      if (deed.version === undefined || deed.version === next) {
        return { state: { version: next, value: deed.value }, answer: SUCCESS };
      }
      const conflict = deed.version < next ? "VERSION_EXISTS" : "INVALID_VERSION";
      return { state, answer: `${conflict} ${describe(state)}` };
    }
  }
}

export function describe(state: State): string {
  return state === undefined ? "nothing" : `${state.version} ${state.value}`;
}

/** The worlds in which the operation took effect, out of what open calls make of these; it is open no more. */
function worldsWith(
  operation: Operation,
  worlds: readonly World[],
  open: ReadonlyMap<Operation, number>,
): readonly World[] {
  const found: World[] = [];
  const seen = new Set<string>();
  const left = [...worlds];
  for (let world = left.pop(); world !== undefined; world = left.pop()) {
    const { state, done } = settled(world, open);
    const key = `${describe(state)} ${[...done].map((other) => open.get(other)).sort()}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (done.has(operation)) {
      found.push({ state, done: without(done, operation) });
      continue;
    }
    for (const other of open.keys()) {
      if (done.has(other)) continue;
      const applied = apply(state, other.deed);
      if (applied.answer !== other.answer) continue;
      left.push({ state: applied.state, done: new Set([...done, other]) });
    }
  }
  return found;
}

/** What changes nothing, whenever it happens, may as well happen now if now explains it. */
function settled({ state, done }: World, open: ReadonlyMap<Operation, number>): World {
  const explained = [...open.keys()].filter(
    ({ deed, answer }) => answer !== SUCCESS && apply(state, deed).answer === answer,
  );
  return { state, done: new Set([...done, ...explained]) };
}

function without(done: ReadonlySet<Operation>, operation: Operation): ReadonlySet<Operation> {
  return new Set([...done].filter((other) => other !== operation));
}
