/** When a lost WebSocket is opened again. */
import { LONGEST_DELAY } from "../../platform/timer.ts";

/**
 * How a connection is kept up. Every duration is in milliseconds.
 *
 * @category WebSockets and event streams
 */
export interface ReconnectOptions {
  /** Attempts after a loss before it is given up; no end unless given. A success begins anew. */
  readonly attempts?: number;
  /** The longest pause before the first attempt; 500 unless given. It doubles every time. */
  readonly minDelay?: number;
  /** The longest pause of all; 30,000 unless given. */
  readonly maxDelay?: number;
}

/**
 * The pause before an attempt: anything up to a limit that doubles, so that clients that were cut off
 * together do not come back together. `null` when there are no more attempts.
 *
 * @param attempt 1 for the first.
 */
export function reconnectDelay(options: ReconnectOptions, attempt: number): number | null {
  const { attempts = Infinity, minDelay = 500, maxDelay = 30_000 } = options;
  if (attempt > attempts) return null;
  return Math.random() * Math.min(maxDelay, minDelay * 2 ** (attempt - 1), LONGEST_DELAY);
}
