/**
 * A concurrent web spider: it reads every page below a URL, each once, ten at a time.
 *
 * The queue knows when all is done: each page that was put in is marked by `taskDone`, also one that
 * failed, and `join` waits for the last.
 *
 * `deno run --allow-net examples/spider.ts http://localhost:8888/`
 */
import { gen, Queue } from "@gustnado/gustnado";

/** How {@linkcode crawl} goes about it. */
export interface CrawlOptions {
  /** How many pages are fetched at a time. Default: 10. */
  readonly concurrency?: number;
  /** Milliseconds for all of it. Default: 60,000. */
  readonly timeout?: number;
}

/** What a crawl has found. */
export interface Crawl {
  /** The URLs of the pages that were read. */
  readonly fetched: ReadonlySet<string>;
  /** The URLs that could not be read, and why. */
  readonly failed: ReadonlyMap<string, string>;
}

/**
 * Reads every page whose URL begins with a given one and that a link leads to.
 *
 * @throws {TimeoutError} If it takes too long.
 */
export async function crawl(base: string, options: CrawlOptions = {}): Promise<Crawl> {
  const { concurrency = 10, timeout = 60_000 } = options;
  const queue = new Queue<string>();
  const seen = new Set<string>();
  const fetched = new Set<string>();
  const failed = new Map<string, string>();
  const abort = new AbortController();

  function add(url: string): void {
    if (seen.has(url) || !url.startsWith(base)) return;
    seen.add(url);
    queue.putNowait(url);
  }

  async function visit(url: string): Promise<void> {
    const response = await fetch(url, { signal: abort.signal });
    const html = await response.text();
    if (!response.ok) throw new Error(`The server answered ${response.status}`);
    fetched.add(url);
    for (const link of linksOf(html, url)) add(link);
  }

  async function work(): Promise<void> {
    for await (const url of queue) {
      await visit(url).catch((error) => failed.set(url, error.message));
      queue.taskDone();
    }
  }

  add(base);
  const workers = Array.from({ length: concurrency }, work);
  try {
    await queue.join({ timeout });
  } finally {
    abort.abort();
    queue.close();
    await gen.multi(workers);
  }
  return { fetched, failed };
}

/** The URLs that a page links to, without their fragments. */
export function linksOf(html: string, base: string): string[] {
  const hrefs = html.matchAll(/<a\s[^>]{0,1000}?href="([^"]{0,2000})"/gi);
  return Array.from(hrefs, ([, href = ""]) => URL.parse(href, base)).flatMap((url) => {
    if (url === null) return [];
    url.hash = "";
    return [url.href];
  });
}

if (import.meta.main) {
  const start = performance.now();
  const { fetched, failed } = await crawl(Deno.args[0] ?? "http://localhost:8888/");
  for (const url of fetched) console.log(`Fetched ${url}`);
  for (const [url, reason] of failed) console.log(`Failed ${url}: ${reason}`);
  console.log(`${fetched.size} pages in ${Math.round(performance.now() - start)} ms`);
}
