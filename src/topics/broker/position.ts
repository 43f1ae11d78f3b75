/** Where in a topic with history a subscriber is. */

/**
 * A place in a topic with history: after the publication with this offset.
 *
 * @category Topics
 */
export interface Position {
  /** The life of the topic's log. Another epoch means that the log was lost, and counts anew. */
  readonly epoch: string;
  /**
   * A whole number that grows with each publication to the topic. On most brokers it is 0 before the first
   * and grows by one; on NATS it begins and grows by any number.
   */
  readonly offset: number;
}

/** Characters of an epoch: they can stand in a URL, in a header field, and in a stream of events. */
const POSITION = /^([A-Za-z0-9_-]{1,32})\.(0|[1-9]\d{0,15})$/;

/**
 * A position as text, `epoch.offset`: what the frames of a socket, the `id` of an event and the parameter
 * `after` of a URL have.
 *
 * @example
 * ```ts
 * import { formatPosition } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatPosition({ epoch: "k3j9x2", offset: 17 }), "k3j9x2.17");
 * ```
 *
 * @category Topics
 */
export function formatPosition({ epoch, offset }: Position): string {
  return `${epoch}.${offset}`;
}

/**
 * Reads a position.
 *
 * @param text What a client gave, of any content.
 * @returns `null` if it is malformed.
 *
 * @example
 * ```ts
 * import { parsePosition } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parsePosition("k3j9x2.17"), { epoch: "k3j9x2", offset: 17 });
 * assertEquals(parsePosition("17"), null);
 * ```
 *
 * @category Topics
 */
export function parsePosition(text: string): Position | null {
  const found = POSITION.exec(text);
  if (found === null) return null;
  const [, epoch = "", digits = ""] = found;
  const offset = Number(digits);
  return Number.isSafeInteger(offset) ? { epoch, offset } : null;
}

/** A name for the life of a new log: eight characters, by chance. */
export function newEpoch(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(5));
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, "0")).join("").slice(0, 8);
}
