// Debian's Chromium without a window, told over its debugging protocol what its pages are to do.

import { delimiter } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "../cli/millrace.ts";
import { until } from "./until.ts";

const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
  // A page that is not in front goes on like the others.
  ...["--disable-background-timer-throttling", "--disable-renderer-backgrounding"],
  "--remote-debugging-port=0",
];
const READY = /DevTools listening on (ws:\S+)/;

export interface Page {
  /**
   * Calls the function in the page and resolves to what it resolves to. It goes there as text: it
   * knows the page's names, and nothing of the test but its arguments, which are JSON.
   */
  run<Given extends readonly unknown[], Result>(
    work: (...given: Given) => Result,
    ...given: Given
  ): Promise<Awaited<Result>>;
  /** What the expression, or the promise that it is, comes to. */
  evaluate(expression: string): Promise<unknown>;
}

export interface Chromium extends AsyncDisposable {
  /** Resolves when the page and its scripts are loaded. */
  open(url: string): Promise<Page>;
}

export async function openChromium(): Promise<Chromium> {
  const path = Bun.which("chromium", { PATH: `${Bun.env.PATH}${delimiter}/usr/bin` });
  if (path === null) throw new Error("Chromium is needed: apt-get install chromium");
  const profile = temporaryDirectory();
  const child = Bun.spawn([path, ...FLAGS, `--user-data-dir=${profile.path}`, "about:blank"], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const stop = () => end(child, profile);
  try {
    const protocol = await Protocol.open(await debuggerOf(child));
    return { open: (url) => openPage(protocol, url), [Symbol.asyncDispose]: stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

async function end(child: Bun.Subprocess, profile: TemporaryDirectory): Promise<void> {
  child.kill("SIGTERM");
  await child.exited;
  profile[Symbol.dispose]();
}

async function debuggerOf(child: Bun.Subprocess<"ignore", "ignore", "pipe">): Promise<string> {
  let told = "";
  void (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) told += text;
  })();
  const [, url = ""] = await until(
    "Chromium",
    () => {
      if (child.exitCode !== null) throw new Error(`Chromium did not start: ${told}`);
      return READY.exec(told);
    },
    60_000,
  );
  return url;
}

async function openPage(protocol: Protocol, url: string): Promise<Page> {
  const { targetId } = await protocol.send("Target.createTarget", { url });
  const flat = { targetId, flatten: true };
  const { sessionId } = await protocol.send("Target.attachToTarget", flat);
  const evaluate = async (expression: string) => {
    const how = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await protocol.send("Runtime.evaluate", how, sessionId);
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  };
  const isLoaded = `location.href !== "about:blank" && document.readyState === "complete"`;
  await until(`${url} is loaded`, () => evaluate(isLoaded));
  return {
    evaluate,
    run: (work, ...given) => evaluate(`(${work})(...${JSON.stringify(given)})`),
  };
}

/** What the protocol answers is whatever its documentation says. */
// biome-ignore lint/suspicious/noExplicitAny: there is a shape for each of hundreds of methods.
type Answer = any;

interface Question {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: Error) => void;
}

class Protocol {
  readonly #socket: WebSocket;
  readonly #questions = new Map<number, Question>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = () => {
      for (const { reject } of this.#questions.values()) reject(new Error("Chromium is gone"));
    };
  }

  static async open(url: string): Promise<Protocol> {
    const socket = new WebSocket(url);
    await until("Chromium's debugger", () => socket.readyState === WebSocket.OPEN);
    return new Protocol(socket);
  }

  send(method: string, params: object, sessionId?: string): Promise<Answer> {
    this.#lastId += 1;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#questions.set(this.#lastId, { resolve, reject });
    this.#socket.send(JSON.stringify({ id: this.#lastId, method, params, sessionId }));
    return promise;
  }

  #take({ id, result, error }: Answer): void {
    const question = this.#questions.get(id);
    this.#questions.delete(id);
    if (error === undefined) question?.resolve(result);
    else question?.reject(new Error(JSON.stringify(error)));
  }
}
