// What rules can be about: the sections of the file, their actions, and what an action's rule may refer to.

import type { RuleAction, RuleSection } from "../../core/access/rules.ts";

export interface Section {
  readonly name: RuleSection;
  readonly actions: ActionTable;
}

export interface Action {
  readonly name: RuleAction;
  readonly support: ActionSupport;
}

export interface ActionSupport {
  /** Whether something is written or sent that a rule can judge. */
  readonly data: boolean;
  /** Whether there may be a record that a rule can look at as it is. */
  readonly oldData: boolean;
}

export type ActionTable = ReadonlyMap<string, Action>;

/** Maps, to which no key means more than it says. */
export const SECTIONS: ReadonlyMap<string, Section> = new Map([
  section("presence", { allow: {} }),
  section("record", {
    create: {},
    read: { oldData: true },
    write: { data: true, oldData: true },
    delete: { oldData: true },
    listen: {},
    notify: {},
  }),
  section("event", { publish: { data: true }, subscribe: { data: true }, listen: {} }),
  section("rpc", { provide: {}, request: { data: true } }),
]);

function section(
  name: RuleSection,
  supports: { readonly [action in RuleAction]?: Partial<ActionSupport> },
): [string, Section] {
  const actions = Object.entries(supports).map(([key, support]): [string, Action] => {
    return [key, { name: key as RuleAction, support: { data: false, oldData: false, ...support } }];
  });
  return [name, { name, actions: new Map(actions) }];
}
