/** Timers of the runtime: how long they can be, and one that keeps no process alive. */

/** Milliseconds that a timer of the runtime counts, in 32 bits: with a longer delay it fires at once. */
export const LONGEST_DELAY: number = 2 ** 31 - 1;

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
  const timer: unknown = "WebSocketPair" in globalThis ? null : setTimeout(callback, delay);
  if (isNodeTimer(timer)) {
    timer.unref();
    return () => clearTimeout(timer);
  }
  clearTimeout(timer as number);
  return null;
}

/** A timer of Node and Bun, which lets a process end. */
interface NodeTimer {
  unref(): void;
  [Symbol.toPrimitive](): number;
}

function isNodeTimer(timer: unknown): timer is NodeTimer & ReturnType<typeof setTimeout> {
  return typeof timer === "object" && timer !== null && "unref" in timer;
}

/**
 * Whether a timer goes off though no request is under way. On Workers it does not, and none may be
 * started while modules are loaded.
 */
export function hasLastingTimers(): boolean {
  return !("WebSocketPair" in globalThis);
}
