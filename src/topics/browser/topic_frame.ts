/** What a server says: a line of a frame of `gustnado.v1.json`, or an event of a stream. */

/**
 * Somebody in a topic.
 *
 * @category Topics
 */
export interface TopicMember {
  /** Who. Connections of one `id` are one member. */
  readonly id: string;
  /** What the server tells of them; `null` if nothing. */
  readonly info: unknown;
}

/** What may be in one. It comes from outside: what reads it has to bear anything. */
export interface TopicFrame {
  readonly type: string;
  readonly id?: number;
  readonly topic?: string;
  readonly position?: string;
  readonly data?: unknown;
  readonly base64?: string;
  readonly recovered?: boolean;
  readonly member?: TopicMember;
  readonly members?: readonly TopicMember[];
  readonly code?: number;
  readonly message?: string;
  readonly token?: string;
  readonly resumed?: boolean;
  readonly pingInterval?: number;
}

/** The message in it: bytes, or what its JSON says. */
export function dataOf({ data, base64 }: TopicFrame): unknown {
  if (base64 === undefined) return data;
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/**
 * The member of a frame that has a message: `"data":…`, or `"base64":"…"` for bytes.
 *
 * @throws {TypeError} If it cannot be JSON.
 */
export function memberOf(data: unknown): string {
  if (data instanceof Uint8Array) {
    const text = Array.from(data, (byte) => String.fromCharCode(byte)).join("");
    return `"base64":"${btoa(text)}"`;
  }
  const json = JSON.stringify(data);
  if (json === undefined) {
    throw new TypeError(`Cannot send ${typeof data}: it is no JSON`);
  }
  return `"data":${json}`;
}

/** Whether a subscriber at the position `last` has had what is at another one. */
export function isKnown(position: string | undefined, last: string | null): boolean {
  const [epoch, offset] = position?.split(".") ?? [];
  const [lastEpoch, lastOffset] = last?.split(".") ?? [];
  return epoch !== undefined && epoch === lastEpoch &&
    Number(offset) <= Number(lastOffset);
}
