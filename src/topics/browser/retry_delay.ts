/** When a client comes back. */

/** Milliseconds of the first wait at most; each doubles it. */
const FIRST_DELAY = 500;
/** Milliseconds that a server can make a client wait: an hour. */
const LONGEST_DELAY = 3_600_000;
/** It was meant: 1000 and 44xx; or it would come to the same: 1002, 1003, 1007 to 1010. */
const STAY_AWAY = /^(44\d\d|100[0237-9]|1010)$/;

/** How a connection ended. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/**
 * Milliseconds until the next attempt; `null` for never.
 *
 * Codes from 4000 come back now, those from 4100 when their reason says, in milliseconds. All others
 * wait by chance, up to a limit that doubles with each failure: clients that were cut off together do
 * not come back together.
 *
 * @param closing How the last connection ended.
 * @param options `failures` that came before it; `maxDelay` is the highest limit.
 */
export function retryDelay(
  { code, reason }: Closing,
  { failures, maxDelay }: {
    readonly failures: number;
    readonly maxDelay: number;
  },
): number | null {
  if (STAY_AWAY.test(`${code}`)) return null;
  const byChance = Math.random() * Math.min(maxDelay, FIRST_DELAY * 2 ** failures);
  const kind = Math.floor(code / 100);
  // A server that says the same to whoever comes would be asked without a pause.
  if (kind === 41 && /^\d+$/.test(reason)) {
    return Math.max(Math.min(Number(reason), LONGEST_DELAY), failures && byChance);
  }
  return kind === 40 && failures === 0 ? 0 : byChance;
}
