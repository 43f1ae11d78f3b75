/** Many fetches at once. */

/** What {@linkcode mapConcurrently} needs to know. */
export interface MapOptions {
  /** How many tasks run at a time. */
  readonly concurrency: number;
  /** Cancels all of them. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a task for each item, a number of them at a time, and gives the results in the order of the
 * items. The first error aborts the signal of the other tasks, and is thrown when they have ended.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  task: (item: Item, signal: AbortSignal) => Promise<Result>,
  { concurrency, signal: outer }: MapOptions,
): Promise<Result[]> {
  const abort = new AbortController();
  const signal = outer === undefined ? abort.signal : AbortSignal.any([abort.signal, outer]);
  const results = new Array<Result>(items.length);
  const queue = items.entries();
  const work = async () => {
    for (const [index, item] of queue) {
      if (abort.signal.aborted) return;
      results[index] = await task(item, signal);
    }
  };
  const workers = Array.from(
    { length: Math.min(concurrency, items.length) },
    () =>
      work().catch((error) => {
        abort.abort(error);
      }),
  );
  await Promise.all(workers);
  if (abort.signal.aborted) throw abort.signal.reason;
  return results;
}
