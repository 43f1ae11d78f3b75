/**
 * The first programs of Tornado's guide: one that fetches a page without blocking, and one that
 * fetches several in parallel.
 *
 * `deno run --allow-net examples/asynchronous_fetch.ts https://example.com/ https://example.org/`
 */
import { AsyncHTTPClient, gen } from "@gustnado/gustnado";

/** Fetches one page and gives its body. */
export async function asynchronousFetch(url: string): Promise<string> {
  using client = new AsyncHTTPClient();
  const response = await client.fetch(url);
  return response.text();
}

/** Fetches several pages in parallel, and gives their bodies in the order of the URLs. */
export async function fetchUrls(urls: readonly string[]): Promise<string[]> {
  using client = new AsyncHTTPClient();
  const responses = await gen.multi(urls.map((url) => client.fetch(url)));
  return responses.map((response) => response.text());
}

if (import.meta.main) {
  const urls = Deno.args.length > 0 ? Deno.args : ["https://example.com/"];
  const pages = await fetchUrls(urls);
  for (const [i, url] of urls.entries()) console.log(`${url}: ${pages[i]?.length} characters`);
}
