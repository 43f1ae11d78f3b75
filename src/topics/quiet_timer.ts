/** Timers that keep no process alive, where the runtime has such. */
import { startBackgroundTimer } from "../platform/timer.ts";

/**
 * Calls back once.
 *
 * @param ms Milliseconds.
 * @returns What cancels it.
 */
export function startQuietTimer(callback: () => void, ms: number): () => void {
  return startBackgroundTimer(callback, ms) ?? startTimer(callback, ms);
}

function startTimer(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
