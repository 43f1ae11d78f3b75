/** Which records of a topic are kept. */
import type { TopicLimits } from "../broker/broker.ts";

/** What counts of a record. */
export interface Weight {
  readonly size: number;
  readonly time: number;
}

/**
 * How many of the first records are not kept any more. A stream keeps as much as its largest topic may, and
 * for as long: each topic has its own limits when it is read.
 *
 * @param records In their order.
 * @param now Milliseconds since 1970 by the clock that `time` has.
 */
export function countOutdated(
  records: readonly Weight[],
  { history, maxBytes, ttl }: TopicLimits,
  now: number,
): number {
  let first = records.length;
  let bytes = 0;
  while (first > 0 && records.length - first < history) {
    const { size, time } = records[first - 1] ?? { size: 0, time: now };
    bytes += size;
    if (bytes > maxBytes || time < now - ttl) break;
    first--;
  }
  return first;
}
