// A password is read as it was piped in or typed, and nothing that is no password is taken for one.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { type PasswordSource, readPassword } from "../../src/cli/password-input.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

describe("piped in", () => {
  const good: [string, string[], string][] = [
    ["a line", ["secret\n"], "secret"],
    ["a line without its end", ["secret"], "secret"],
    ["a line of Windows", ["secret\r\n"], "secret"],
    ["a line in pieces", ["se", "cret", "\n"], "secret"],
    ["empty lines behind", ["secret\n\n\n"], "secret"],
    ["space around it", ["  s p  \n"], "  s p  "],
    ["characters beyond ASCII", ["pässwörd 😀\n"], "pässwörd 😀"],
    ["as much as may be", ["x".repeat(1024)], "x".repeat(1024)],
  ];
  test.each(good)("%s", async (_, chunks, password) => {
    expect(await readPassword(piped(chunks), fail)).toBe(password);
  });

  const bad: [string, (string | Uint8Array)[], RegExp][] = [
    ["nothing", [], /A password is needed/],
    ["an empty line", ["\n"], /A password is needed/],
    ["two lines", ["a\nb\n"], /more than one line/],
    ["a line too long", ["x".repeat(1025)], /1 to 1024 bytes/],
    ["a file", Array.from({ length: 100 }, () => "x".repeat(1000)), /more than a password/],
    ["what is not UTF-8", [new Uint8Array([0xff, 0xfe])], /not UTF-8/],
  ];
  test.each(bad)("%s is refused", async (_, chunks, sentence) => {
    await expect(readPassword(piped(chunks), fail)).rejects.toThrow(sentence);
  });
});

describe("typed", () => {
  const good: [string, string[], string][] = [
    ["twice the same", ["secret\r", "secret\r"], "secret"],
    ["key by key", [..."ab\rab\r"], "ab"],
    ["pasted as one", ["ab\rab\r"], "ab"],
    ["with what was erased", ["\u007fsex\u007fcret\r", "secrex\u0008t\r"], "secret"],
    ["with a line erased", ["wrong\u0015secret\r", "secret\r"], "secret"],
    ["with keys that are no characters", ["a\u001b\tb\r", "ab\r"], "ab"],
    ["beyond ASCII", ["ä😀x\u007f\r", "ä😀\r"], "ä😀"],
  ];
  test.each(good)("%s", async (_, chunks, password) => {
    const terminal = typed(chunks);
    expect(await readPassword(terminal, terminal.show)).toBe(password);
    expect(terminal.shown).toBe("Password: \nAgain: \n");
    expect(terminal.modes).toEqual([true, false]);
  });

  const bad: [string, string[], RegExp][] = [
    ["two that differ", ["secret\r", "secrets\r"], /two passwords differ/],
    ["nothing", ["\r", "\r"], /A password is needed/],
    ["an interrupt", ["sec\u0003"], /No password was typed/],
    ["an end", ["secret\r\u0004"], /No password was typed/],
    ["a terminal that goes away", ["secret\r", "sec"], /No password was typed/],
    ["a line too long", [`${"x".repeat(5000)}\r`, `${"x".repeat(5000)}\r`], /1 to 1024 bytes/],
  ];
  test.each(bad)("%s is refused, and the terminal is as it was", async (_, chunks, sentence) => {
    const terminal = typed(chunks);
    await expect(readPassword(terminal, terminal.show)).rejects.toThrow(sentence);
    expect(terminal.modes).toEqual([true, false]);
  });

  test("on a terminal it is not shown, and the hash goes with it", async () => {
    let shown = "";
    const bytes = new TextDecoder();
    const terminal = new Bun.Terminal({
      cols: 200,
      rows: 24,
      data: (_, data) => {
        shown += bytes.decode(data, { stream: true });
      },
    });
    const main = join(import.meta.dir, "../../src/main.ts");
    const child = Bun.spawn([process.execPath, main, "user", "hash"], { terminal });
    await until("the first prompt", () => shown.includes("Password: "));
    terminal.write("sécret\r");
    await until("the second prompt", () => shown.includes("Again: "));
    terminal.write("sécret\r");
    expect(await child.exited).toBe(0);
    await until("the hash", () => /\$argon2id\S+\r\n/.test(shown));
    terminal.close();
    expect(shown).not.toContain("cret");
    expect(await Bun.password.verify("sécret", /\$argon2id\S+/.exec(shown)?.[0] ?? "")).toBe(true);
  });
});

function fail(text: string): void {
  throw new Error(`it showed ${text}`);
}

function piped(chunks: readonly (string | Uint8Array)[]): PasswordSource {
  return {
    async *[Symbol.asyncIterator]() {
      yield* chunks;
    },
  };
}

function typed(chunks: readonly string[]) {
  const terminal = {
    ...piped(chunks),
    isTTY: true,
    modes: [] as boolean[],
    shown: "",
    setRawMode: (isRaw: boolean) => terminal.modes.push(isRaw),
    show: (text: string) => {
      terminal.shown += text;
    },
  };
  return terminal;
}
