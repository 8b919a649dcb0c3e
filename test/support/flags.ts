// Settings as flags of the command line, by their names without dashes in front.

import type { Overrides } from "../conformance/target.ts";

/** { region: "x", topics: { page_items_max: 5 } } as region and topics-page-items-max; lists with commas. */
export function flagsOf(settings: Overrides): Record<string, string> {
  const flags = Object.entries(settings).flatMap(([section, values]) => {
    if (typeof values === "string") return [[section, values]];
    return Object.entries(values).map(([name, value]) => [flagName(section, name), String(value)]);
  });
  return Object.fromEntries(flags);
}

function flagName(section: string, name: string): string {
  return `${section}-${name}`.replaceAll("_", "-");
}
