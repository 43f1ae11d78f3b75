/** What is published on the channels: a line that says what it is, and then the message. */
import type { LogRecord, PresenceChange, PresenceRecord } from "../broker/broker.ts";
import { decodePayload, type Payload } from "../broker/payload.ts";
import { parsePosition, type Position } from "../broker/position.ts";

/** A message of a plain topic. */
export interface PlainEnvelope {
  /** The process that published it. */
  readonly node: string;
  readonly topic: string;
  readonly payload: Payload;
}

/** A record, and the epoch of its log. */
export interface RecordEnvelope {
  readonly epoch: string;
  readonly record: LogRecord;
}

/** Writes a message of a plain topic: `["node","topic"]`, and the payload. */
export function formatPlain({ node, topic, payload }: PlainEnvelope): string {
  return `${JSON.stringify([node, topic])}\n${payload}`;
}

/** Reads a message of a plain topic; `null` if it is none. */
export function parsePlain(text: string): PlainEnvelope | null {
  const [head, payload] = splitLine(text);
  const names = parsePair(head);
  if (names === null || decodePayload(payload) === null) return null;
  return { node: names[0], topic: names[1], payload };
}

/** Reads a publication, `epoch.offset` and the payload; `null` if it is none. */
export function parseRecord(text: string): RecordEnvelope | null {
  const [head, payload] = splitLine(text);
  const position = parsePlace(head);
  if (position === null || payload === "") return null;
  const { epoch, offset } = position;
  return { epoch, record: { offset, previous: offset - 1, payload } };
}

/** Reads a record of a log, `offset time number producer` and the payload; `null` if it is none. */
export function parseKept(text: string): LogRecord | null {
  const [head, payload] = splitLine(text);
  const offset = Number(/^([1-9]\d{0,15}) \d+ \d+ /.exec(head)?.[1]);
  return Number.isSafeInteger(offset) ? { offset, previous: offset - 1, payload } : null;
}

/** Reads a change of a presence: `epoch.offset`, `+` or `-` and the field, and the info; `null` if it is none. */
export function parseChange(text: string): PresenceChange | null {
  const [head, rest] = splitLine(text);
  const [field, info] = splitLine(rest);
  const position = parsePlace(head);
  const record = parseMember(field.slice(1), info);
  if (position === null || record === null || !/^[+-]/.test(field)) return null;
  const { epoch, offset } = position;
  return { offset, previous: offset - 1, epoch, record, gone: field.startsWith("-") };
}

/** The field of a record of presence: `["node","id"]`. */
export function formatMember({ node, id }: Pick<PresenceRecord, "node" | "id">): string {
  return JSON.stringify([node, id]);
}

/** What all messages of plain topics that a process publishes begin with. */
export function ownPlain(node: string): string {
  return membersOf(node);
}

/** What the fields of all records of a process begin with. */
export function membersOf(node: string): string {
  return `${JSON.stringify([node]).slice(0, -1)},`;
}

/** Reads a field of a presence and what it holds; `null` if it is none. */
export function parseMember(field: string, info: string): PresenceRecord | null {
  const names = parsePair(field);
  return names === null || !isJson(info) ? null : { node: names[0], id: names[1], info };
}

/** Those of publications count from 1. */
function parsePlace(text: string): Position | null {
  const position = parsePosition(text);
  return position === null || position.offset === 0 ? null : position;
}

/** The first line, and what comes after it. */
function splitLine(text: string): [string, string] {
  const end = text.indexOf("\n");
  return end === -1 ? [text, ""] : [text.slice(0, end), text.slice(end + 1)];
}

function parsePair(text: string): [string, string] | null {
  const value = text.startsWith("[") ? parseJson(text) : undefined;
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [one, other]: unknown[] = value;
  return typeof one === "string" && typeof other === "string" ? [one, other] : null;
}

function isJson(text: string): boolean {
  return parseJson(text) !== undefined;
}

/** `undefined` if it is none, which no JSON is. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
