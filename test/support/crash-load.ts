// Publishers and subscribers that outlive their server, which is killed under them, and an account of what they were told.

import {
  type Entry,
  entries,
  sequenceNumber,
  sequencePage,
  upTo,
} from "../conformance/momento-http/answers.ts";
import { Client } from "../conformance/momento-http/client.ts";
import { type ServerProcess, serve } from "./executable.ts";
import { until } from "./until.ts";

export type CrashLoad = {
  readonly kills: number;
  /** Publishers that send each message with an Idempotency-Key until it is acknowledged. */
  readonly keyed: number;
  /** Publishers that never repeat a message. */
  readonly unkeyed: number;
  /** A life of the server lasts for a random number of acknowledgements, at most these. */
  readonly acknowledgedPerLifeMax: number;
};

/** A message at its place, told by its beginning, its length and its hash: there are many, and long ones. */
export type Placed = { readonly number: number; readonly page: number; readonly message: string };

export type Account = {
  readonly acknowledged: readonly Placed[];
  /** Every message that was sent, acknowledged or not. */
  readonly sent: ReadonlySet<string>;
  readonly sentWithKey: ReadonlySet<string>;
  /** Requests to publish that a kill left without an answer. */
  readonly unanswered: number;
  /** What is in the topic after the last life. */
  readonly stored: readonly Placed[];
  /** What each subscriber was delivered, in the order of delivery. */
  readonly delivered: readonly (readonly Placed[])[];
};

const CACHE = "c";
const TOPIC = "t";
/** Longer than a page of the database, so that a message can be torn. */
const LONG_CHARACTERS = 20_000;

/** The server, life after life. */
export interface Lives {
  /** The server that is there, or else the next one. */
  server(): Promise<ServerProcess>;
  /** Nobody is killed any more. */
  readonly isOver: boolean;
}

/** What works beside the publishers until it is over, and then looks at what the last server has. */
export interface Beside {
  run(lives: Lives): Promise<void>;
}

/** Runs the load on the directory, and kills the last server as well. */
export async function runCrashLoad(
  data: string,
  load: CrashLoad,
  besides: readonly Beside[] = [],
): Promise<Account> {
  await using run = new Run(data);
  await run.begin();
  const client = await run.current();
  await client.putCache(CACHE);
  const subscribers = [run.subscribe(seedEdition), run.subscribe(currentEdition)];
  const publishers = [
    ...upTo(load.keyed).map((index) => run.publish(`keyed-${index}`, true)),
    ...upTo(load.unkeyed).map((index) => run.publish(`plain-${index}`, false)),
  ];
  const others = besides.map((beside) => beside.run(run));
  for (let life = 1; life <= load.kills; life += 1) {
    const goal = run.acknowledged.length + Math.ceil(Math.random() * load.acknowledgedPerLifeMax);
    await until(`acknowledgement ${goal}`, () => run.acknowledged.length >= goal);
    await run.kill();
    await run.begin();
  }
  run.isOver = true;
  await Promise.all([...publishers, ...others]);
  const stored = await run.readAll();
  run.newest = stored.at(-1)?.number ?? 0;
  const delivered = await Promise.all(subscribers);
  const { acknowledged, sent, sentWithKey, unanswered } = run;
  return { acknowledged, sent, sentWithKey, unanswered, stored, delivered };
}

/** The query of a subscriber that has what is placed, and nothing yet if undefined. */
type Edition = (last: Placed | undefined) => string;

const seedEdition: Edition = (last) => `sequence_number=${last?.number ?? 0}`;
const currentEdition: Edition = (last) =>
  `sequence_number=${(last?.number ?? 0) + 1}&sequence_page=${last?.page ?? 0}`;

class Run implements Lives, AsyncDisposable {
  readonly acknowledged: Placed[] = [];
  readonly sent = new Set<string>();
  readonly sentWithKey = new Set<string>();
  unanswered = 0;
  isOver = false;
  /** Where subscribers end. */
  newest = Number.POSITIVE_INFINITY;
  readonly #data: string;
  #life = Promise.withResolvers<ServerProcess>();
  #server: ServerProcess | undefined;

  constructor(data: string) {
    this.#data = data;
  }

  server(): Promise<ServerProcess> {
    return this.#life.promise;
  }

  /** The client of the server that is there, or else of the next one. */
  async current(): Promise<Client> {
    const server = await this.server();
    return new Client(() => server);
  }

  async begin(): Promise<void> {
    const server = await serve(this.#data);
    this.#server = server;
    this.#life.resolve(server);
  }

  /** Who was answered by nobody then finds the next life to be awaited. */
  async kill(): Promise<void> {
    this.#life = Promise.withResolvers();
    await this.#server?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  async publish(name: string, withKey: boolean): Promise<void> {
    for (let count = 1; !this.isOver; count += 1) {
      const text = `${name}-${count} ${"x".repeat(count % 5 === 0 ? LONG_CHARACTERS : 10)}`;
      this.sent.add(describe(text));
      if (withKey) this.sentWithKey.add(describe(text));
      const headers = withKey ? { "Idempotency-Key": `${name}-${count}` } : {};
      let isAcknowledged = await this.#publishOnce(text, headers);
      while (withKey && !isAcknowledged) isAcknowledged = await this.#publishOnce(text, headers);
    }
  }

  async subscribe(edition: Edition): Promise<readonly Placed[]> {
    const delivered: Placed[] = [];
    for (;;) {
      const last = delivered.at(-1);
      if ((last?.number ?? 0) >= this.newest) return delivered;
      const client = await this.current();
      const query = `${edition(last)}&timeout=1`;
      const answer = await client.subscribe(CACHE, TOPIC, query).catch(() => undefined);
      if (answer !== undefined) delivered.push(...entries(answer).map(placed));
    }
  }

  async readAll(): Promise<readonly Placed[]> {
    const client = await this.current();
    const stored: Placed[] = [];
    for (;;) {
      const query = currentEdition(stored.at(-1));
      const page = await client.read(CACHE, TOPIC, query);
      if (page.length === 0) return stored;
      stored.push(...page.map(placed));
    }
  }

  async #publishOnce(text: string, headers: Record<string, string>): Promise<boolean> {
    const client = await this.current();
    const answer = await client.publish(CACHE, TOPIC, text, { headers }).catch(() => undefined);
    if (answer === undefined) {
      this.unanswered += 1;
      return false;
    }
    if (answer.status !== 204) throw new Error(`a publish got ${answer.status} ${answer.body}`);
    this.acknowledged.push({
      number: sequenceNumber(answer),
      page: sequencePage(answer),
      message: describe(text),
    });
    return true;
  }
}

/** The seed's edition has no page: it is 0 there. */
function placed({ item, discontinuity }: Entry): Placed {
  if (item === undefined) throw new Error(`lost items: ${JSON.stringify(discontinuity)}`);
  const { topic_sequence_number: number, sequence_page: page = 0, value } = item;
  return { number, page, message: describe(value.text ?? "") };
}

function describe(text: string): string {
  return `${text.slice(0, 30)} (${text.length} characters, ${Bun.hash(text)})`;
}
