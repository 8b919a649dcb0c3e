// A machine of Debian with systemd of its own, in a container that root starts, for what only such a machine shows.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ended } from "./executable.ts";
import { until } from "./until.ts";

const PACKAGES = ["adduser", "dbus", "systemd", "systemd-sysv"];
const BOOT_MS_MAX = 120_000;
const END_MS_MAX = 10_000;

/** The files of a machine, before it was ever started. Disposing removes them. */
export interface DebianFiles extends Disposable {
  readonly path: string;
}

/** Of the release that runs here, from its mirror: takes some minutes. */
export function installDebian(): DebianFiles {
  const [, release = ""] =
    /^VERSION_CODENAME=(\w+)$/m.exec(command("cat", "/etc/os-release")) ?? [];
  const path = mkdtempSync(join(tmpdir(), "millrace-debian-"));
  command("debootstrap", "--variant=minbase", `--include=${PACKAGES.join(",")}`, release, path);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** It has no network but its own, and forgets all when it is disposed. */
export interface DebianMachine extends AsyncDisposable {
  /** Starts a program of it as root; disposing kills it. */
  start(...words: readonly string[]): Started;
  /** Runs one to its end. */
  run(...words: readonly string[]): Promise<Ended>;
  /** What a shell prints that must not fail, without its last line end. */
  shell(script: string): Promise<string>;
}

export interface Started extends Disposable {
  /** Resolves when its output has the text. */
  prints(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

/** What is in `shared` it has in /shared. */
export async function startDebian(files: DebianFiles, shared: string): Promise<DebianMachine> {
  const child = Bun.spawn(
    [
      ...["systemd-nspawn", "--quiet", `--directory=${files.path}`, "--volatile=overlay"],
      ...["--register=no", "--keep-unit", "--private-network", `--bind-ro=${shared}:/shared`],
      "--boot",
    ],
    { stdin: "ignore", stdout: "ignore", stderr: "ignore" },
  );
  const stop = async () => {
    // Its shutdown has nothing to keep.
    child.kill("SIGTERM");
    const killing = setTimeout(() => child.kill("SIGKILL"), END_MS_MAX);
    await child.exited;
    clearTimeout(killing);
  };
  let leader = "";
  const start = (...words: readonly string[]): Started => {
    const environment = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"];
    const inside = ["nsenter", `--target=${leader}`, "--all", ...environment, ...words];
    const started = Bun.spawn(inside, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    let stdout = "";
    const output = (async () => {
      for await (const text of started.stdout.pipeThrough(new TextDecoderStream())) stdout += text;
    })();
    const ended = Promise.all([started.exited, started.stderr.text(), output]).then(
      ([exitCode, stderr]) => ({ exitCode, stdout, stderr }),
    );
    return {
      prints: async (text) => void (await until(text, () => stdout.includes(text))),
      ended,
      [Symbol.dispose]: () => started.kill("SIGKILL"),
    };
  };
  const run = (...words: readonly string[]) => start(...words).ended;
  try {
    await until(
      "a machine that has started",
      async () => {
        if (child.exitCode !== null) throw new Error(`systemd-nspawn ended with ${child.exitCode}`);
        const children = Bun.file(`/proc/${child.pid}/task/${child.pid}/children`);
        leader = (await children.text()).trim().split(" ")[0] ?? "";
        if (leader === "") return false;
        const { stdout } = await run("systemctl", "is-system-running");
        return ["running", "degraded"].includes(stdout.trim());
      },
      BOOT_MS_MAX,
    );
  } catch (cause) {
    await stop();
    throw cause;
  }
  return {
    start,
    run,
    async shell(script) {
      const { exitCode, stdout, stderr } = await run("sh", "-ec", script);
      if (exitCode !== 0) throw new Error(`${script} ended with ${exitCode}:\n${stdout}${stderr}`);
      return stdout.trimEnd();
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** What a program of this machine prints that must not fail. */
export function command(...words: readonly string[]): string {
  if (Bun.which(words[0] ?? "") === null) throw new Error(`this needs the program ${words[0]}`);
  const { exitCode, stdout, stderr } = Bun.spawnSync([...words]);
  if (exitCode === 0) return stdout.toString();
  throw new Error(`${words.join(" ")} ended with ${exitCode}:\n${stdout}${stderr}`);
}
