/** All that an isolate keeps, for one that comes later. */
import type { PresenceRecord } from "../broker/broker.ts";
import type { Position } from "../broker/position.ts";
import type { ProducerEntry } from "../memory/recent_producers.ts";
import type { HistoryEntry } from "../memory/topic_history.ts";
import { hasShape, isRecord } from "./shape.ts";

/** A piece of it. */
export type SnapshotPart =
  | {
    readonly part: "topic";
    readonly topic: string;
    readonly epoch: string;
    readonly top: number;
    readonly entries: readonly HistoryEntry[];
  }
  | {
    readonly part: "presence";
    readonly topic: string;
    readonly records: readonly PresenceRecord[];
    readonly position: Position;
  }
  | { readonly part: "producers"; readonly entries: readonly ProducerEntry[] }
  | { readonly part: "beats"; readonly beats: readonly { node: string; age: number }[] };

/** All of it. */
export type Snapshot = readonly SnapshotPart[];

/** Characters of parts that go together. */
const PAGE = 256 * 1024;

/** Puts parts together that are sent as one. */
export function pagesOf(parts: Snapshot): Snapshot[] {
  const pages: SnapshotPart[][] = [[]];
  let size = 0;
  for (const part of parts) {
    size += sizeOfPart(part);
    if (size > PAGE && pages.at(-1)?.length !== 0) {
      pages.push([]);
      size = sizeOfPart(part);
    }
    pages.at(-1)?.push(part);
  }
  return pages;
}

function sizeOfPart(part: SnapshotPart): number {
  if (part.part === "topic") {
    return part.entries.reduce((sum, { payload }) => sum + payload.length + 64, part.topic.length);
  }
  if (part.part === "presence") {
    return part.records.reduce((sum, { info, id }) => sum + info.length + id.length + 64, 64);
  }
  return part.part === "producers" ? part.entries.length * 128 : part.beats.length * 64;
}

/** Whether something that came is a page of a snapshot. */
export function isPage(value: unknown): value is Snapshot {
  return Array.isArray(value) && value.every(isPart);
}

function isPart(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { part, entries, records, position, beats } = value;
  if (part === "topic") {
    return hasShape(value, { topic: "string", epoch: "string", top: "number" }) &&
      isListOf(entries, { payload: "string", age: "number" });
  }
  if (part === "presence") {
    return typeof value.topic === "string" && isPosition(position) &&
      isListOf(records, { node: "string", id: "string", info: "string" });
  }
  if (part === "producers") {
    return isListOf(entries, { key: "string", number: "number", age: "number" }) &&
      entries.every((entry) => isRecord(entry) && isPosition(entry.position));
  }
  return part === "beats" && isListOf(beats, { node: "string", age: "number" });
}

function isListOf(
  value: unknown,
  shape: Parameters<typeof hasShape>[1],
): value is readonly unknown[] {
  return Array.isArray(value) && value.every((item) => hasShape(item, shape));
}

function isPosition(value: unknown): boolean {
  return hasShape(value, { epoch: "string", offset: "number" });
}
