// Settings as flags of the command line, by their names without dashes in front.

import type { Overrides, Value } from "../conformance/target.ts";

type Section = { readonly [name: string]: Value | Section };

/** { region: "x", topics: { page_items_max: 5 } } as region and topics-page-items-max; lists with commas. */
export function flagsOf(settings: Overrides): Record<string, string | boolean> {
  return Object.fromEntries(flagsIn(settings, ""));
}

/** As they are typed. */
export function argumentsOf(settings: Overrides): string[] {
  return Object.entries(flagsOf(settings)).flatMap(([name, value]) => {
    if (typeof value === "boolean") return [value ? `--${name}` : `--no-${name}`];
    return [`--${name}`, value];
  });
}

function flagsIn(section: Section, start: string): [string, string | boolean][] {
  return Object.entries(section).flatMap(([name, value]): [string, string | boolean][] => {
    const flag = start + name.replaceAll("_", "-");
    if (typeof value === "boolean") return [[flag, value]];
    return isSection(value) ? flagsIn(value, `${flag}-`) : [[flag, String(value)]];
  });
}

function isSection(value: Value | Section): value is Section {
  return typeof value === "object" && !Array.isArray(value);
}
