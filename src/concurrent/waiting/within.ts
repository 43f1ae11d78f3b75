import { LONGEST_DELAY } from "./longest_delay.ts";

/**
 * Waits for a promise, but not for ever.
 *
 * @param promise What is waited for; it makes no difference whether it is kept or broken.
 * @param ms The most to wait, in milliseconds; more than 24 days count as so many.
 * @returns Whether it settled in time.
 */
export async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), Math.min(ms, LONGEST_DELAY));
  const settled = promise.then(() => true, () => true);
  try {
    return await Promise.race([settled, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
