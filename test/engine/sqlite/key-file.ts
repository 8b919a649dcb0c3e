// The signing keys in keys.json: their owner's only, whole or refused.

import { describe, expect, test } from "bun:test";
import { chmod, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyRing } from "../../../src/auth/key-ring.ts";
import { makeSigningKey } from "../../../src/core/access/signing-key.ts";
import { KeyFile } from "../../../src/engine/sqlite/key-file.ts";
import { StoreError } from "../../../src/engine/sqlite/store-error.ts";
import { systemClock } from "../../../src/server/system-clock.ts";
import { upTo } from "../store-calls.ts";

const KEY = makeSigningKey(1);

export function keyFileRules(): void {
  describe("keys.json", () => {
    test("is made for its owner only, and stays so when it is replaced", async () => {
      await using directory = await makeDirectory();
      directory.keys.load();
      expect(await directory.mode()).toBe("600");
      directory.keys.save([KEY]);
      expect(await directory.mode()).toBe("600");
    });

    test("is taken away from others who were let in", async () => {
      await using directory = await makeDirectory();
      directory.keys.load();
      await chmod(directory.file, 0o644);
      directory.keys.load();
      expect(await directory.mode()).toBe("600");
    });

    test("two that make it at once end up with the same key", async () => {
      await using directory = await makeDirectory();
      const openers = upTo(5).map(() => new KeyFile(directory.path, Date.now));
      const loaded = openers.map((keys) => keys.load());
      for (const keys of loaded) expect(keys).toEqual(loaded[0]!);
    });

    test("nothing else is left in the directory", async () => {
      await using directory = await makeDirectory();
      directory.keys.load();
      directory.keys.save([KEY, ...directory.keys.load()]);
      expect(await readdir(directory.path)).toEqual(["keys.json"]);
    });

    const damaged: [string, string][] = [
      ["empty", ""],
      ["cut short", JSON.stringify({ keys: [KEY] }).slice(0, -5)],
      ["not JSON", "secret"],
      ["null", "null"],
      ["a list", "[]"],
      ["without keys", "{}"],
      ["with an empty list of keys", '{"keys":[]}'],
      ["with keys that are no list", '{"keys":{}}'],
      ["with a key that is null", '{"keys":[null]}'],
      ["with a key without a secret", '{"keys":[{"id":"a"}]}'],
      ["with a good and a broken key", JSON.stringify({ keys: [KEY, { id: 1, secret: "x" }] })],
      ["with a secret that is not base64url", '{"keys":[{"id":"a","secret":"!!!","createdAt":1}]}'],
      ["with an empty secret", '{"keys":[{"id":"a","secret":"","createdAt":1}]}'],
      ["with a secret of too few bits", '{"keys":[{"id":"a","secret":"c2hvcnQ","createdAt":1}]}'],
    ];
    test.each(damaged)(
      "that is %s is refused in the administrator's words, and left as it is",
      async (_, text) => {
        await using directory = await makeDirectory();
        await Bun.write(directory.file, text);
        expect(() => new KeyRing(directory.keys, systemClock)).toThrow(StoreError);
        expect(await Bun.file(directory.file).text()).toBe(text);
      },
    );
  });
}

async function makeDirectory() {
  const path = await mkdtemp(join(tmpdir(), "millrace-keys-"));
  const file = join(path, "keys.json");
  return {
    path,
    file,
    keys: new KeyFile(path, Date.now),
    mode: async () => ((await stat(file)).mode & 0o777).toString(8),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}
