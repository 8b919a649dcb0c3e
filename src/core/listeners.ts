// Tells many of one thing, so that one that fails keeps none of the others from it.

/** Takes what is a bug of one listener and no concern of whoever caused the news. */
export type OnBug = (cause: unknown) => void;

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

  constructor(onBug: OnBug) {
    this.#onBug = onBug;
  }

  add(name: string, listener: (news: News) => void): Disposable {
    let listeners = this.#names.get(name);
    if (listeners === undefined) {
      listeners = new Listeners(this.#onBug);
      this.#names.set(name, listeners);
    }
    const owner = listeners;
    const added = owner.add(listener);
    return {
      [Symbol.dispose]: () => {
        added[Symbol.dispose]();
        if (owner.size === 0 && this.#names.get(name) === owner) this.#names.delete(name);
      },
    };
  }

  tell(name: string, news: News): void {
    this.#names.get(name)?.tell(news);
  }

  /** Names that somebody listens to. */
  get names(): number {
    return this.#names.size;
  }
}

interface Entry<News> {
  readonly listener: (news: News) => void;
  readonly number: number;
}
