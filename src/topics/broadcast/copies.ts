import { AgedMap } from "../../concurrent/collections/aged_map.ts";
import { within } from "../../concurrent/coroutine/promise_like.ts";
import { hasShape } from "./shape.ts";
import { isPage, pagesOf, type Snapshot } from "./snapshot.ts";

/** What an isolate keeps, after so many operations. */
export interface Copy {
  /** The number of the last operation. */
  readonly applied: number;
  /** The life of the numbers. */
  readonly lineage: string;
  readonly snapshot: Snapshot;
}

/** Isolates that are given copies at the same time; others ask again. */
const MOST_SERVED = 8;
/** How often a page is asked for, and how long it is waited for each time, in milliseconds. */
const ATTEMPTS = 3;
const PATIENCE = 1_000;

interface Served extends Copy {
  readonly request: number;
  readonly pages: readonly Snapshot[];
}

interface Page extends Copy {
  readonly pages: number;
}

interface Awaited {
  readonly from: string;
  readonly request: number;
  readonly page: number;
  readonly came: PromiseWithResolvers<Page>;
}

/** What one isolate keeps, carried to another in pages, each of which is asked for. */
export class Copies {
  readonly #post: (item: object) => void;
  readonly #capture: () => Copy;
  readonly #served: AgedMap<string, Served> = new AgedMap();
  #awaited: Awaited | undefined;
  #requests = 0;

  /**
   * @param post Posts to all.
   * @param capture Gives what this isolate keeps.
   */
  constructor(post: (item: object) => void, capture: () => Copy) {
    this.#post = post;
    this.#capture = capture;
  }

  /**
   * Asks another isolate for all that it keeps.
   *
   * @throws {Error} The promise rejects if it does not answer, or at {@linkcode cancel}.
   */
  async fetch(from: string): Promise<Copy> {
    const request = ++this.#requests;
    const first = await this.#page(from, request, 0);
    const snapshot = [...first.snapshot];
    for (let page = 1; page < first.pages; page++) {
      snapshot.push(...(await this.#page(from, request, page)).snapshot);
    }
    return { applied: first.applied, lineage: first.lineage, snapshot };
  }

  /** Ends what waits for a page. */
  cancel(): void {
    this.#awaited?.came.reject(new Error("Cannot copy: the isolate that was asked does not lead"));
    this.#awaited = undefined;
  }

  /** Answers a request. Returns whether it was one. */
  serve(from: string, item: Record<string, unknown>): boolean {
    if (!hasShape(item, { request: "number", page: "number" })) return false;
    const { request, page } = item;
    const served = page === 0 ? this.#begin(from, Number(request)) : this.#served.get(from);
    const parts = served?.pages[Number(page)];
    if (served === undefined || served.request !== request || parts === undefined) return true;
    const { applied, lineage, pages } = served;
    const answer = { request, page, applied, lineage, pages: pages.length, snapshot: parts };
    this.#post({ t: "page", to: from, ...answer });
    if (page === pages.length - 1) this.#served.delete(from);
    return true;
  }

  /** Takes a page that came. Returns whether it was one. */
  take(from: string, item: Record<string, unknown>): boolean {
    if (!isPageItem(item)) return false;
    const { request, page } = item;
    const awaited = this.#awaited;
    if (awaited?.from === from && awaited.request === request && awaited.page === page) {
      awaited.came.resolve(item);
    }
    return true;
  }

  async #page(from: string, request: number, page: number): Promise<Page> {
    const came = Promise.withResolvers<Page>();
    this.cancel();
    this.#awaited = { from, request, page, came };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      this.#post({ t: "copy", to: from, request, page });
      if (await within(came.promise, PATIENCE)) return await came.promise;
    }
    throw new Error("Cannot copy: the isolate that leads does not answer");
  }

  #begin(from: string, request: number): Served {
    const copy = this.#capture();
    const served = { ...copy, request, pages: pagesOf(copy.snapshot) };
    this.#served.set(from, served);
    const { oldest } = this.#served;
    if (oldest !== undefined && this.#served.size > MOST_SERVED) this.#served.delete(oldest.key);
    return served;
  }
}

function isPageItem(item: object): item is Page & { request: number; page: number } {
  const shape = {
    request: "number",
    page: "number",
    applied: "number",
    lineage: "string",
    pages: "number",
  } as const;
  return hasShape(item, shape) && isPage(item.snapshot);
}
