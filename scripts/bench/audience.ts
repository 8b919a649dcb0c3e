/** Many clients of one server that are told the same, in a process of their own. */
import { cpuMicros, residentBytes } from "./machine.ts";
import type { BenchServer } from "./servers.ts";
import type { Child, Workbench } from "./workbench.ts";

const CROWD = new URL("./audience-crowd.ts", import.meta.url).pathname;
const MEMORY_SETTLE_MS = 2000;

/** What everybody subscribes to; nothing: they are only logged in. */
export type Subject = "event" | "record" | "nothing";

export interface AudiencePlan {
  readonly url: string;
  readonly count: number;
  readonly subject: Subject;
}

/** To the crowd: tell everybody again and again, each time when all have got what was told before. */
export interface AudienceOrder {
  readonly seconds: number;
}

/** From the crowd. */
export type AudienceWord = { readonly kind: "ready" } | ({ readonly kind: "told" } & CrowdTold);

export interface CrowdTold {
  readonly times: number;
  /** From what is sent until the last has it, on the average. */
  readonly lastMs: number;
  readonly frameBytes: number;
  /** CPU of the crowd for each delivery. */
  readonly generatorMicros: number;
}

export interface Told extends CrowdTold {
  /** Of all threads of the server, for each delivery. */
  readonly serverMicros: number;
}

export class Audience {
  /** How much the server grew while everybody joined, for each of them. */
  readonly bytesPerMember: number;
  readonly #bench: Workbench;
  readonly #server: BenchServer;
  readonly #count: number;
  readonly #child: Child;
  readonly #words: Words;

  private constructor(
    bench: Workbench,
    server: BenchServer,
    count: number,
    { child, words }: { readonly child: Child; readonly words: Words },
    bytesPerMember: number,
  ) {
    this.#bench = bench;
    this.#server = server;
    this.#count = count;
    this.#child = child;
    this.#words = words;
    this.bytesPerMember = bytesPerMember;
  }

  /** Resolves when everybody is logged in and has subscribed. */
  static async gather(
    bench: Workbench,
    server: BenchServer,
    count: number,
    subject: Subject,
  ): Promise<Audience> {
    const emptyBytes = residentBytes(server.pid);
    const words = new Words();
    const ready = words.next();
    const plan = JSON.stringify({ url: server.url, count, subject } satisfies AudiencePlan);
    const child = bench.start([process.execPath, CROWD, plan], {
      onMessage: (word) => words.take(word as AudienceWord),
    });
    void child.exited.then(() => words.end());
    await ready;
    if (subject === "nothing") await Bun.sleep(MEMORY_SETTLE_MS);
    const grownBytes = residentBytes(server.pid) - emptyBytes;
    return new Audience(bench, server, count, { child, words }, grownBytes / count);
  }

  async tell(order: AudienceOrder): Promise<Told> {
    const { pid } = this.#server;
    const before = cpuMicros(pid);
    const word = this.#words.next();
    this.#child.send(order);
    const told = await word;
    if (told.kind !== "told") throw new Error(`the audience said ${told.kind}`);
    const serverMicros = (cpuMicros(pid) - before) / (told.times * this.#count);
    return { ...told, serverMicros };
  }

  leave(): Promise<void> {
    return this.#bench.stop(this.#child);
  }
}

/** What a crowd says, one word at a time. */
class Words {
  #next = Promise.withResolvers<AudienceWord>();

  next(): Promise<AudienceWord> {
    this.#next = Promise.withResolvers();
    // After the end nobody listens.
    this.#next.promise.catch(() => {});
    return this.#next.promise;
  }

  take(word: AudienceWord): void {
    this.#next.resolve(word);
  }

  end(): void {
    this.#next.reject(new Error("the audience left"));
  }
}
