// Versions of writes: which are written, and what a conflict tells.

import { describe, expect, test } from "bun:test";
import { type DeepstreamClient, fresh } from "./client.ts";
import { conflict, DONE, head, patch, read, write, writeList } from "./commands.ts";

/** Version that the record has (0: it does not exist), version that is asked for, what comes of it. */
const ROWS: readonly [
  number,
  number | undefined,
  "written" | "VERSION_EXISTS" | "INVALID_VERSION",
][] = [
  [0, undefined, "written"],
  [0, -1, "written"],
  [0, 0, "written"],
  [0, 1, "written"],
  [0, 2, "INVALID_VERSION"],
  [0, 5, "INVALID_VERSION"],
  [1, undefined, "written"],
  [1, -1, "written"],
  [1, 0, "written"],
  [1, 1, "VERSION_EXISTS"],
  [1, 2, "written"],
  [1, 3, "INVALID_VERSION"],
  [3, 1, "VERSION_EXISTS"],
  [3, 3, "VERSION_EXISTS"],
  [3, 4, "written"],
  [3, 5, "INVALID_VERSION"],
  [3, 100, "INVALID_VERSION"],
  [3, Number.MAX_SAFE_INTEGER, "INVALID_VERSION"],
  [3, 1e300, "INVALID_VERSION"],
];

const DATA = ["before"];

export function versionRules(client: DeepstreamClient): void {
  const kinds = [
    ["a write", (name: string, version?: number) => write(name, ["after"], version)],
    ["a path write", (name: string, version?: number) => patch(name, "0", "after", version)],
    ["a list write", (name: string, version?: number) => writeList(name, ["after"], version)],
  ] as const;

  describe("versions", () => {
    for (const [kind, command] of kinds) {
      test.each(ROWS)(
        `at version %p, ${kind} of version %p: %s`,
        async (current, asked, outcome) => {
          const name = fresh("versions");
          const before = Array.from({ length: current }, () => write(name, DATA));
          // A path in a record that does not exist yet makes an object.
          const isMade = kind === "a path write" && current === 0;
          const { body } = await client.batch([...before, command(name, asked), head(name)]);
          const [answer, now] = body.slice(current);
          if (outcome === "written") {
            expect([answer, now]).toEqual([DONE, { success: true, version: current + 1 }]);
            const data = isMade ? { 0: "after" } : ["after"];
            expect(await client.read(name)).toMatchObject({ data });
            return;
          }
          const stored = current === 0 ? undefined : DATA;
          expect(answer).toEqual(conflict(outcome, name, current, stored));
          expect(now).toEqual({ success: true, version: current === 0 ? -1 : current });
        },
      );
    }

    test("a refused version locks nobody out", async () => {
      const name = fresh("versions");
      await client.write(name, {});
      expect(await client.slot(write(name, {}, 100))).toMatchObject({ success: false });
      await client.write(name, { next: true }, { version: 2 });
      expect(await client.read(name)).toMatchObject({ version: 2 });
    });

    test("a record that was deleted begins anew", async () => {
      const name = fresh("versions");
      const { body } = await client.batch([
        write(name, {}),
        write(name, {}),
        { topic: "record", action: "delete", recordName: name },
        write(name, { anew: true }, 1),
        read(name),
      ]);
      expect(body.at(-1)).toEqual({ success: true, version: 1, data: { anew: true } });
    });
  });
}
