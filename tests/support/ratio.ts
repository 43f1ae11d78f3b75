/** The best of several timings of an asynchronous function, in milliseconds. */
export async function bestTime(rounds: number, work: () => Promise<void>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
