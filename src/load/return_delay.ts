/** When a socket comes back that was closed. */

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/**
 * Milliseconds to wait before a socket connects again, by the code that it was closed with: 4000 to 4099
 * come back now, 4100 to 4199 when the reason says, and 4400 to 4499 stay away. Others wait longer at
 * every attempt.
 *
 * @param attempt 1 for the first since it was last open.
 * @returns `null` if it stays away.
 */
export function returnDelay(
  code: number | null,
  reason: string | null,
  attempt: number,
): number | null {
  if (code !== null && code >= 4400 && code < 4500) return null;
  if (code !== null && code >= 4000 && code < 4100 && attempt === 1) return 0;
  if (code !== null && code >= 4100 && code < 4200 && attempt === 1) {
    const ms = Number(reason);
    if (ms >= 0 && ms < Infinity) return ms;
  }
  return Math.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt);
}
