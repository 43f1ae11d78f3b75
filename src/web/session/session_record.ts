/** A session as it is kept, in a cookie or in a store. */
import { generalLog } from "../../log.ts";
import type { SessionPolicy } from "./settings.ts";

/** What is kept of a session. */
export interface SessionRecord {
  /** When the session began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** When it was last written. */
  readonly renewedAt: number;
  /** What is in it. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** Writes a record. */
export function encodeRecord({ startedAt, renewedAt, values }: SessionRecord): string {
  return JSON.stringify([startedAt, renewedAt, [...values]]);
}

/** Reads a record; `null` if it is malformed, which is logged, or its time is over. */
export function currentRecord(text: string, policy: SessionPolicy): SessionRecord | null {
  const record = decodeRecord(text);
  if (record === null) {
    generalLog()?.warn("Cannot read a session: its record is malformed");
    return null;
  }
  const now = policy.clock();
  const isOver = now - record.renewedAt >= policy.idleTimeout ||
    now - record.startedAt >= policy.lifetime;
  return isOver ? null : record;
}

function decodeRecord(text: string): SessionRecord | null {
  const parsed = parseJson(text);
  if (!Array.isArray(parsed)) return null;
  const [startedAt, renewedAt, entries]: unknown[] = parsed;
  if (typeof startedAt !== "number" || typeof renewedAt !== "number") return null;
  if (!Array.isArray(entries) || !entries.every(isEntry)) return null;
  return { startedAt, renewedAt, values: new Map(entries) };
}

function isEntry(entry: unknown): entry is [string, unknown] {
  return Array.isArray(entry) && entry.length === 2 && typeof entry[0] === "string";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
