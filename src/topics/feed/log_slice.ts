/** A read of a log as subscribers get it. */
import type { LogRecord, TopicLog } from "../broker/broker.ts";
import type { Position } from "../broker/position.ts";
import { TopicEntry } from "./topic_entry.ts";
import type { CatchUp, FollowOptions } from "./topic_subscriber.ts";

/** What a log gave, each record made an entry once for all who asked. */
export interface LogSlice {
  readonly epoch: string;
  /** The offset of the last publication. */
  readonly top: number;
  /** Whether the entries are all there were after the position asked for, none missing between. */
  readonly whole: boolean;
  /** In order, up to `top`. */
  readonly entries: readonly TopicEntry[];
}

/**
 * Reads what was published after a position.
 *
 * @param after `null` for all that is kept.
 * @throws {BrokerError} The promise rejects if the log cannot be reached.
 */
export async function readSlice(
  log: TopicLog,
  topic: string,
  after: Position | null,
): Promise<LogSlice> {
  const { epoch, top, records, whole: calledWhole } = await log.read(topic, after);
  const chain = records.slice(brokenBefore(records));
  const whole = calledWhole && (after === null || chain.length === records.length);
  const entries = whole ? chain.map((record) => new TopicEntry(topic, epoch, record)) : [];
  return { epoch, top, whole, entries };
}

/** Where the last record stands that does not follow on the one before it; 0 if each does. */
function brokenBefore(records: readonly LogRecord[]): number {
  return Math.max(
    0,
    records.findLastIndex(({ previous }, index) =>
      index > 0 && previous !== records[index - 1]?.offset
    ),
  );
}

/**
 * Reads how a subscription would begin.
 *
 * @throws {BrokerError} The promise rejects if the log cannot be reached.
 */
export async function readCatchUp(
  log: TopicLog,
  topic: string,
  { after, last = 0 }: FollowOptions,
): Promise<CatchUp> {
  if (after === undefined && last === 0) return beginAt(await log.top(topic), null);
  const { epoch, top, whole, entries } = await readSlice(log, topic, after ?? null);
  const position = { epoch, offset: top };
  if (after === undefined) return beginWith(entries.slice(-last), position);
  return whole ? { position: after, recovered: true, entries } : beginAt(position, false);
}

/** A subscription that begins without entries. */
export function beginAt(position: Position, recovered: boolean | null): CatchUp {
  return { position, recovered, entries: [] };
}

/**
 * A subscription that begins with the last entries.
 *
 * @param position The one after them, for the case that there are none.
 */
export function beginWith(entries: readonly TopicEntry[], position: Position): CatchUp {
  const [first] = entries;
  const begin = first === undefined ? position : { epoch: first.epoch, offset: first.previous };
  return { position: begin, recovered: null, entries };
}
