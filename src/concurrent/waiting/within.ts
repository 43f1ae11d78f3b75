/** Timers count in 32 bits; a longer delay would fire at once. */
const MAX_DELAY = 2 ** 31 - 1;

/**
 * Waits for a promise, but not for ever.
 *
 * @param promise What is waited for; it makes no difference whether it is kept or broken.
 * @param ms The most to wait, in milliseconds; more than 24 days count as so many.
 * @returns Whether it settled in time.
 */
export async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), Math.min(ms, MAX_DELAY));
  const settled = promise.then(() => true, () => true);
  try {
    return await Promise.race([settled, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
