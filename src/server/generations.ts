// The servers that one address has had: the newest accepts, and the older ones let end what they have.

import type { Server } from "bun";

const DRAIN_MS = 1000;
/** Of the event loop: in the first, it may have asked for connections already. */
const TURNS_TO_ACCEPT = 2;

export class Generations<Data> implements AsyncDisposable {
  readonly #first: Server<Data>;
  /** By the request, where it is not the first. */
  readonly #servers = new WeakMap<Request, Server<Data>>();
  readonly #older = new Set<Server<Data>>();
  #newest: Server<Data>;
  #isStopping = false;

  constructor(first: Server<Data>) {
    this.#first = first;
    this.#newest = first;
  }

  get port(): number {
    return this.#newest.port ?? 0;
  }

  /** To be called with each request and the server that it came to. */
  note(request: Request, server: Server<Data>): void {
    if (server !== this.#first) this.#servers.set(request, server);
  }

  serverOf(request: Request): Server<Data> {
    return this.#servers.get(request) ?? this.#first;
  }

  /**
   * Another server takes the place of the newest, whose requests and WebSockets go on. Resolves when
   * only the other one accepts. Where `serve` throws, or all are being stopped, the newest stays.
   */
  async replace(serve: () => Server<Data>): Promise<void> {
    if (this.#isStopping) throw new Error("The server is stopping.");
    const older = this.#newest;
    this.#newest = serve();
    this.#older.add(older);
    // The system resets who has connected and was not accepted; so those until now are, by the older one.
    for (let turn = 0; turn < TURNS_TO_ACCEPT; turn += 1) await new Promise(setImmediate);
    void older.stop(false).then(() => this.#older.delete(older));
  }

  /** Accepts nothing more, lets what is in flight end for a moment, then cuts what is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#older, this.#newest].map(stop));
  }
}

async function stop<Data>(server: Server<Data>): Promise<void> {
  const cut = setTimeout(() => void server.stop(true), DRAIN_MS);
  await server.stop(false);
  clearTimeout(cut);
}
