// README.md as a new user takes it: a copy of the sources, npm without Bun, and its lines pasted into a shell.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "../cli/millrace.ts";
import { until } from "../support/until.ts";

const ROOT = join(import.meta.dir, "../..");
const README = await Bun.file(join(ROOT, "README.md")).text();
/** To fetch Bun and the packages, and to compile. */
const SETUP_MS = 300_000;

let machine: TemporaryDirectory;
let sources: string;

beforeAll(() => {
  machine = temporaryDirectory();
  sources = join(machine.path, "sources");
  const listed = Bun.spawnSync(["git", "ls-files", "-z", "-co", "--exclude-standard"], {
    cwd: ROOT,
  });
  for (const path of listed.stdout.toString().split("\0").filter(Boolean)) {
    const to = join(sources, path);
    mkdirSync(dirname(to), { recursive: true });
    if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), to);
  }
});

afterAll(() => machine[Symbol.dispose]());

test(
  "npm run demo starts a server whose printed lines work when they are pasted",
  async () => {
    const data = join(machine.path, "demo-data");
    const words = ["npm", "run", "demo", "--", "--port", "0", "--data", data];
    await using demo = await start(words, /sequence_number=1'\n/);
    // Otherwise there was a Bun on this machine.
    expect(existsSync(join(sources, `node_modules/.cache/bun-${Bun.version}`))).toBe(true);
    const curls = demo
      .stdout()
      .split("\n")
      .filter((line) => line.startsWith("curl "));
    expect(curls).toHaveLength(4);
    expect(await pasted(curls.join("\n"))).toBe(
      `${page(1, "hello world!")}${page(2, "hello again!")}`,
    );

    const [, token = ""] = /'Authorization: (\S+)'/.exec(curls[0] ?? "") ?? [];
    const lines = section("Try it")
      .flatMap((block) => block.split("\n"))
      .filter(isCurl);
    const [publish = "", subscribe = "", resume = ""] = lines.map((line) =>
      line.replaceAll("TOKEN", token).replaceAll("http://127.0.0.1:7070", demo.url),
    );
    expect(await pasted(publish)).toBe("");
    expect(await pasted(subscribe)).toBe(page(1, "hello world!"));
    const waiting = pasted(resume);
    expect(await pasted(publish)).toBe("");
    expect(await waiting).toBe(page(2, "hello world!"));
  },
  SETUP_MS,
);

test(
  "npm run build makes the executable, with which the other lines work",
  async () => {
    const [build = ""] = section("Install")[0]?.split("\n") ?? [];
    await pasted(build, { cwd: sources });
    const PATH = `${join(sources, "dist")}${delimiter}${pathWithoutBun()}`;
    const home = join(machine.path, "home");
    mkdirSync(home);
    const shell = { cwd: home, env: { PATH } };
    const [serve = "", lines = ""] = section("First run");
    const serveOn = (port: string) =>
      start(["sh", "-c", `exec ${serve}`], /^Millrace .*\n/, {
        cwd: home,
        env: { PATH, MILLRACE_HTTP_PORT: port },
      });
    await using server = await serveOn("0");
    const shown = await pasted(`${lines}\nprintf "%s\\n" $TOKEN $ADMIN $URL`, shell);
    const [TOKEN = "", ADMIN = "", address = ""] = shown.split("\n").slice(-4);
    const set = { TOKEN, ADMIN, URL: address.replace("http://127.0.0.1:7070", server.url) };
    const here = { cwd: home, env: { PATH, ...set } };

    const [put = ""] = section("Caches");
    expect(JSON.parse(await pasted(put, here))).toMatchObject({
      name: "my-cache",
      retention: { seconds: 3600, bytes: 1_000_000_000, topic_items: 1000 },
      limits: { publishes_per_second: 500, waiters: 1000 },
    });
    const [tokens = "", mint = ""] = section("Tokens");
    expect((await pasted(tokens, here)).trim().split("\n")).toHaveLength(2);
    const minted = JSON.parse(await pasted(mint, here));
    expect(Object.keys(minted)).toEqual(["token", "endpoint", "expires_at"]);

    const loop = section("Subscribe").find((block) => block.includes("while true")) ?? "";
    await using follower = await start(["sh", "-c", loop], undefined, here);
    const publish = async (text: string) => {
      const line = `curl -sS -d ${text} -H "Authorization: $TOKEN" $URL/topics/my-cache/example`;
      expect(await pasted(line, here)).toBe("");
      await until(`the ${text} message`, () => follower.stdout().includes(`"${text}"`));
    };
    for (const text of ["first", "second"]) await publish(text);
    await server[Symbol.asyncDispose]();
    await using _next = await serveOn(new URL(server.url).port);
    await publish("third");
    const numbers = follower.stdout().match(/(?<="topic_sequence_number":)\d+/g);
    expect(numbers).toEqual(["1", "2", "3"]);
  },
  SETUP_MS,
);

type Shell = { readonly cwd?: string; readonly env?: Record<string, string> };

type Started = AsyncDisposable & { readonly url: string; stdout(): string };

/** Resolves when the output has what is waited for. Disposing ends what was started, and waits until it is gone. */
async function start(
  words: string[],
  ready: RegExp | undefined,
  shell: Shell = {},
): Promise<Started> {
  const child = Bun.spawn(words, { ...surroundings(shell), stdout: "pipe", stderr: "pipe" });
  const complaints = child.stderr.text();
  let stdout = "";
  const output = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) stdout += text;
  })();
  await until(
    `${ready} from ${words.join(" ")}`,
    async () => {
      if (child.exitCode !== null) throw new Error(await complaints);
      return ready === undefined || ready.test(stdout);
    },
    SETUP_MS,
  );
  const [, url = ""] = /listens on (http:\S+)/.exec(stdout) ?? [];
  return {
    url,
    stdout: () => stdout,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
      await output;
    },
  };
}

/** What a shell prints that is given these lines as they are. */
async function pasted(lines: string, shell: Shell = {}): Promise<string> {
  const child = Bun.spawn(["sh", "-e"], {
    ...surroundings(shell),
    stdin: new Blob([lines]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`${lines}\n${stdout}${stderr}`);
  return stdout;
}

/** A machine that has npm, and has never seen Bun or this project. */
function surroundings({ cwd = sources, env = {} }: Shell) {
  return { cwd, env: { PATH: pathWithoutBun(), HOME: machine.path, ...env } };
}

function pathWithoutBun(): string {
  const folders = (Bun.env.PATH ?? "").split(delimiter);
  const hasBun = (folder: string) => ["bun", "bunx"].some((name) => existsSync(join(folder, name)));
  return folders
    .filter((folder) => !hasBun(folder) && !/node_modules|bun-node/.test(folder))
    .join(delimiter);
}

/** The shell blocks below a heading of README.md. */
function section(heading: string): string[] {
  const text = README.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return Array.from(text.matchAll(/^```sh\n(.*?)\n```$/gms), ([, block = ""]) => block);
}

function isCurl(line: string): boolean {
  return line.startsWith("curl ");
}

function page(number: number, text: string): string {
  return `{"items":[{"item":{"topic_sequence_number":${number},"value":{"text":"${text}"}}}]}`;
}
