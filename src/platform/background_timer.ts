/** A timer that keeps no process alive. */

/**
 * Calls back once after a delay, if the process still runs then.
 *
 * @returns What cancels it; `null` where the runtime has no such timer, and nothing was started. That
 * is so on the edge, where one request must not touch the timers of another either.
 */
export function startBackgroundTimer(callback: () => void, delay: number): (() => void) | null {
  if ("Deno" in globalThis && typeof Deno.unrefTimer === "function") {
    const timer = setTimeout(callback, delay);
    Deno.unrefTimer(timer);
    return () => clearTimeout(timer);
  }
  return null;
}
