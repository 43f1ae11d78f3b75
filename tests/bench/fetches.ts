/** Fetches one after the other: what a client costs, where the process under measure is the client. */
import { Latency } from "./generators/latency.ts";

/** What came of it. */
export interface Report {
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Fetches for a while.
 *
 * @param order A URL whose `url` says what to fetch, and whose `seconds` says for how long.
 */
export async function fetchFor(
  order: string,
  fetchOnce: (url: string) => Promise<unknown>,
): Promise<Report> {
  const { searchParams } = new URL(order, "http://localhost");
  const url = searchParams.get("url") ?? "";
  const end = performance.now() + Number(searchParams.get("seconds")) * 1000;
  const latency = new Latency();
  let count = 0;
  for (let now = performance.now(); now < end; count++) {
    const start = now;
    await fetchOnce(url);
    now = performance.now();
    latency.record(now - start);
  }
  return { count, p50: latency.percentile(0.5), p99: latency.percentile(0.99) };
}
