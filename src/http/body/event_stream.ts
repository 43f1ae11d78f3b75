/** The grammar of server-sent events (WHATWG HTML §9.2.5, "Parsing an event stream"). */
import { excerpt } from "../excerpt.ts";

/** The media type of an event stream. It has no charset parameter: it is UTF-8 by definition. */
export const EVENT_STREAM = "text/event-stream";

/** A comment, which clients skip: for keeping a connection alive. */
export const HEARTBEAT = ":\n\n";

/** The fields of one event, as text. */
export interface EventFields {
  /** The type of the event. */
  readonly event?: string;
  /** The text of the event, of any number of lines. */
  readonly data?: string;
  /** What the client sends back as `Last-Event-ID`. */
  readonly id?: string;
  /** Milliseconds that the client waits before it connects again. */
  readonly retry?: number;
}

const LINE_BREAK = /\r\n|\r|\n/;

/**
 * Writes an event down. The `data` becomes one line for each of its own, and comes out of the
 * client's parser with `\n` between them, whatever stood there.
 *
 * @throws {TypeError} If the event has no field, if `event` or `id` has a line break, with which a
 *   text of somebody else could forge events, or if `id` has a NUL, with which clients ignore it.
 * @throws {RangeError} If `retry` is not an integer from 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   formatEvent({ event: "news", id: "7", data: "one\ntwo" }),
 *   "event: news\nid: 7\ndata: one\ndata: two\n\n",
 * );
 * ```
 */
export function formatEvent({ event, data, id, retry }: EventFields): string {
  let text = "";
  if (event !== undefined) text += `event: ${checkedField("event", event)}\n`;
  if (id !== undefined) text += `id: ${checkedField("id", id)}\n`;
  if (retry !== undefined) text += `retry: ${checkedRetry(retry)}\n`;
  if (data !== undefined) text += `data: ${data.split(LINE_BREAK).join("\ndata: ")}\n`;
  if (text === "") throw new TypeError("Cannot send an event without a field: give it data");
  return `${text}\n`;
}

function checkedField(name: string, value: string): string {
  if (!/[\r\n\0]/.test(value)) return value;
  const part = value.includes("\0") ? "a NUL" : "a line break";
  throw new TypeError(`Cannot send an event whose ${name} is ${excerpt(value)}: it has ${part}`);
}

function checkedRetry(milliseconds: number): number {
  if (Number.isSafeInteger(milliseconds) && milliseconds >= 0) return milliseconds;
  throw new RangeError(
    `Cannot send an event whose retry is ${milliseconds}: it must be an integer from 0`,
  );
}

/**
 * Decodes the header `Last-Event-ID`, which clients send as UTF-8.
 *
 * @param header The value, with one character for each byte; `null` if there is none.
 */
export function decodeLastEventId(header: string | null): string | null {
  // deno-lint-ignore no-control-regex -- all of ASCII
  if (header === null || /^[\x00-\x7f]*$/.test(header)) return header;
  return new TextDecoder().decode(Uint8Array.from(header, (byte) => byte.charCodeAt(0)));
}
