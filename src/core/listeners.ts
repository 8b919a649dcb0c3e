// Tells many of one thing, so that one that fails keeps none of the others from it.

/** Takes what is a bug of one listener and no concern of whoever caused the news. */
export type OnBug = (cause: unknown) => void;

/** Whether it did not throw: a bug on one side is none of the others'. */
export function attempt(work: () => void, onBug: OnBug): boolean {
  try {
    work();
    return true;
  } catch (cause) {
    onBug(cause);
    return false;
  }
}

/** Listeners are told synchronously, in the order in which they were added. */
export class Listeners<News> {
  readonly #onBug: OnBug;
  readonly #listeners = new Set<Entry<News>>();
  #added = 0;

  constructor(onBug: OnBug) {
    this.#onBug = onBug;
  }

  /** The same function can be added more than once and is told as often. */
  add(listener: (news: News) => void): Disposable {
    this.#added += 1;
    const entry = { listener, number: this.#added };
    this.#listeners.add(entry);
    return { [Symbol.dispose]: () => void this.#listeners.delete(entry) };
  }

  tell(news: News): void {
    // Who is added by a listener did not wait for this news, and could add another without end.
    const last = this.#added;
    for (const { listener, number } of this.#listeners) {
      if (number > last) return;
      // Not by `attempt`: each of thousands would cost a function.
      try {
        listener(news);
      } catch (cause) {
        this.#onBug(cause);
      }
    }
  }

  get size(): number {
    return this.#listeners.size;
  }
}

/** Listeners by name: who waits for one is not bothered with others. */
export class NamedListeners<News> {
  readonly #onBug: OnBug;
  readonly #names = new Map<string, Listeners<News>>();
  readonly #first: Listeners<string>;
  readonly #last: Listeners<string>;

  constructor(onBug: OnBug) {
    this.#onBug = onBug;
    this.#first = new Listeners(onBug);
    this.#last = new Listeners(onBug);
  }

  add(name: string, listener: (news: News) => void): Disposable {
    const found = this.#names.get(name);
    const owner = found ?? new Listeners<News>(this.#onBug);
    if (found === undefined) this.#names.set(name, owner);
    const added = owner.add(listener);
    if (found === undefined) this.#first.tell(name);
    return {
      [Symbol.dispose]: () => {
        added[Symbol.dispose]();
        if (owner.size > 0 || this.#names.get(name) !== owner) return;
        this.#names.delete(name);
        this.#last.tell(name);
      },
    };
  }

  /** Calls `listener` synchronously with a name when it has its first listener. */
  onFirst(listener: (name: string) => void): Disposable {
    return this.#first.add(listener);
  }

  /** Calls `listener` synchronously with a name when it has no listener any more. */
  onLast(listener: (name: string) => void): Disposable {
    return this.#last.add(listener);
  }

  tell(name: string, news: News): void {
    this.#names.get(name)?.tell(news);
  }

  /** Whether somebody listens to this name. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Those that somebody listens to. */
  listenedNames(): Iterable<string> {
    return this.#names.keys();
  }

  /** Names that somebody listens to. */
  get names(): number {
    return this.#names.size;
  }

  /** Listeners of all names. */
  get size(): number {
    let size = 0;
    for (const listeners of this.#names.values()) size += listeners.size;
    return size;
  }
}

interface Entry<News> {
  readonly listener: (news: News) => void;
  readonly number: number;
}
