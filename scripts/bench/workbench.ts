/** Owns the processes that a run starts and the directories that it makes, and leaves none behind. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const OPEN_FILES = 65_536;
const STOP_MS_MAX = 5000;

export type Child = Bun.Subprocess<Blob | "ignore", "pipe", "inherit">;

interface ChildOptions {
  /** Read by the child from its standard input. */
  readonly input?: string;
  /** Takes what the child sends with `process.send`. */
  readonly onMessage?: (message: unknown) => void;
}

export class Workbench implements AsyncDisposable {
  readonly #children = new Set<Child>();
  readonly #directories = new Set<string>();
  #isClosed = false;

  /** What fails from now on fails because of that. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** An empty directory. */
  async directory(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), "millrace-bench-"));
    this.#directories.add(path);
    return path;
  }

  async remove(directory: string): Promise<void> {
    await rm(directory, { recursive: true, force: true });
    this.#directories.delete(directory);
  }

  /** Starts a process that may open as many files as the system lets it, up to a bound. */
  start(command: readonly string[], { input, onMessage }: ChildOptions = {}): Child {
    const raise = `hard=$(ulimit -Hn); [ "$hard" != unlimited ] && [ "$hard" -lt ${OPEN_FILES} ] || hard=${OPEN_FILES}; ulimit -Sn "$hard"; exec "$@"`;
    const child = Bun.spawn(["sh", "-c", raise, "sh", ...command], {
      cwd: join(import.meta.dir, "../.."),
      stdin: input === undefined ? "ignore" : new Blob([input]),
      stdout: "pipe",
      stderr: "inherit",
      ...(onMessage && { ipc: onMessage, serialization: "json" as const }),
    });
    this.#children.add(child);
    void child.exited.then(() => this.#children.delete(child));
    return child;
  }

  /** What a process prints until it ends. Throws when it fails. */
  async run(command: readonly string[], options: ChildOptions = {}): Promise<string> {
    const child = this.start(command, options);
    const output = await child.stdout.text();
    if ((await child.exited) === 0) return output.trim();
    throw new Error(`${command.join(" ").slice(0, 200)} failed`);
  }

  async stop(child: Child): Promise<void> {
    child.kill("SIGTERM");
    const kill = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
    await child.exited;
    clearTimeout(kill);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#children].map((child) => this.stop(child)));
    await Promise.all([...this.#directories].map((path) => this.remove(path)));
  }
}
