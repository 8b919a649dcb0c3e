// A topic as a plain array, and what the issue says a subscriber of it gets. Knows nothing of src's own reckoning.

import type { PageBounds, Value } from "../../src/core/topics/topic-log.ts";

export interface Message {
  readonly value: Value;
  readonly key: string | undefined;
}

/** `own` is the page that the topic has now. */
type Page = "unknown" | "own" | "another";

export type Request =
  | { readonly edition: "seed"; readonly number: number | undefined }
  | { readonly edition: "current"; readonly number: number; readonly page: Page };

interface ModelItem {
  readonly number: number;
  readonly value: Value;
}

interface ModelDelivery {
  readonly discontinuity: { lastSequenceNumber: number; newSequenceNumber: number } | undefined;
  readonly items: readonly ModelItem[];
}

const NO_PAGE = 0;
const NOBODYS_PAGE = 7;

export class ModelTopic {
  items: ModelItem[] = [];
  page = NO_PAGE;
  newest = 0;
  exists = false;
  #lastPage = NO_PAGE;
  #keys = new Map<string, ModelItem>();

  publish({ value, key }: Message, topicItems: number) {
    const used = key === undefined ? undefined : this.#keys.get(key);
    if (used !== undefined) {
      if (!isSame(used.value, value)) return "refused";
      return { sequenceNumber: used.number, duplicate: true };
    }
    this.exists = true;
    this.newest += 1;
    const item = { number: this.newest, value };
    this.items.push(item);
    if (key !== undefined) this.#keys.set(key, item);
    if (topicItems > 0) this.trim(topicItems);
    return { sequenceNumber: item.number, duplicate: false };
  }

  /** The store chooses the page, once for each incarnation and greater each time. */
  notePage(page: number): void {
    if (page === this.page) return;
    if (this.page !== NO_PAGE) throw new Error(`page ${this.page} became ${page}`);
    if (page <= this.#lastPage) throw new Error(`page ${page} came after ${this.#lastPage}`);
    this.page = page;
    this.#lastPage = page;
  }

  trim(topicItems: number): void {
    this.items = this.items.slice(-topicItems);
  }

  delete(): void {
    this.items = [];
    this.page = NO_PAGE;
    this.newest = 0;
    this.exists = false;
    this.#keys = new Map();
  }

  pageOf(page: Page): number {
    if (page === "unknown") return NO_PAGE;
    return page === "own" && this.page !== NO_PAGE ? this.page : NOBODYS_PAGE;
  }
}

export function expectedDelivery(
  topic: ModelTopic,
  request: Request,
  bounds: PageBounds,
): ModelDelivery {
  const { items: retained, newest } = topic;
  const first = retained[0];
  // A poll that may not wait has nothing to say where nothing is retained.
  if (first === undefined) return { discontinuity: undefined, items: [] };
  const isCurrent = request.edition === "current";
  if (!isCurrent && request.number === 0) return deliver(retained, bounds);
  const isOtherPage = isCurrent && request.page === "another";
  const wantsLatest = request.number === undefined || (isCurrent && request.number === 0);
  if (wantsLatest && !isOtherPage) return deliver(retained.slice(-1), bounds);
  const received = wantsLatest ? 0 : isCurrent ? request.number - 1 : (request.number ?? 0);
  const isLost = isOtherPage || received > newest || received + 1 < first.number;
  if (isLost) return deliver(retained, bounds, received);
  return deliver(
    retained.filter(({ number }) => number > received),
    bounds,
  );
}

function deliver(
  items: readonly ModelItem[],
  bounds: PageBounds,
  received?: number,
): ModelDelivery {
  let bytes = 0;
  const page = items.slice(0, bounds.itemsMax).filter(({ value }, index) => {
    bytes += Buffer.byteLength(value);
    return index === 0 || bytes <= bounds.bytesMax;
  });
  const first = page[0];
  const discontinuity =
    received === undefined || first === undefined
      ? undefined
      : { lastSequenceNumber: received, newSequenceNumber: first.number };
  return { discontinuity, items: page };
}

function isSame(a: Value, b: Value): boolean {
  return typeof a === typeof b && Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0;
}
