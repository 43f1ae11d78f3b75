/** A message as brokers keep it: as text, whose first character tells what it is. */
import { type Chunk, toChunk } from "../../http/body/chunk.ts";
import { decodeBase64 } from "./base64.ts";
import { toBase64 } from "../../http/byte_text.ts";

/** What a message is: text, JSON, or bytes. */
export type PayloadKind = "text" | "json" | "bytes";

/**
 * A message as it is kept and sent between processes: `t` and text, `j` and JSON, or `b` and base64.
 *
 * @category Topics
 */
export type Payload = string;

const MARKS = { text: "t", json: "j", bytes: "b" } as const;
const KINDS = new Map<string, PayloadKind>([["t", "text"], ["j", "json"], ["b", "bytes"]]);

/**
 * Writes a message down.
 *
 * @param message What `publish` takes: text, bytes, a plain object or an array.
 * @param chunk The same as a chunk, where it has been made already.
 * @throws {TypeError} If it is anything else, or cannot be JSON.
 */
export function encodePayload(message: unknown, chunk: Chunk = toChunk(message)): Payload {
  if (typeof chunk !== "string") return MARKS.bytes + toBase64(chunk);
  return (typeof message === "string" ? MARKS.text : MARKS.json) + chunk;
}

/** What a payload is; `null` if it is none: another program may have published it. */
export function payloadKind(payload: Payload): PayloadKind | null {
  return KINDS.get(payload[0] ?? "") ?? null;
}

/**
 * The message as a plain subscriber gets it: text, JSON as text, or bytes.
 *
 * @returns `null` if it is malformed.
 */
export function decodePayload(payload: Payload): Chunk | null {
  const kind = payloadKind(payload);
  if (kind === null) return null;
  const body = payload.slice(1);
  return kind === "bytes" ? decodeBase64(body) : body;
}

/** Whether it is one: JSON is looked at, since it stands in a frame as it is. */
export function isPayload(payload: Payload): boolean {
  const body = payload.slice(1);
  return payloadKind(payload) === "json" ? isJson(body) : decodePayload(payload) !== null;
}

/**
 * The member of a frame or an event that has the message: `"data":…` as JSON, or `"base64":"…"`.
 *
 * @returns `null` if it is malformed; JSON is looked at, since it stands in a frame as it is.
 */
export function payloadMember(payload: Payload): string | null {
  const kind = payloadKind(payload);
  const body = payload.slice(1);
  if (kind === "text") return `"data":${JSON.stringify(body)}`;
  if (kind === "bytes") return decodeBase64(body) === null ? null : `"base64":"${body}"`;
  return kind === "json" && isJson(body) ? `"data":${body}` : null;
}

/** On one line: a frame has a line for each of its messages. */
function isJson(text: string): boolean {
  if (text.includes("\n") || text.includes("\r")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
