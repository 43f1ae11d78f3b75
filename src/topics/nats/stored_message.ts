/** A message as a stream keeps it and sends it on. */
import type { Msg } from "@nats-io/transport-node";

/** A message of a stream. */
export interface StoredMessage {
  readonly subject: string;
  /** Its number in the stream. */
  readonly sequence: number;
  /** When it came, by the clock of the server: milliseconds since 1970. */
  readonly time: number;
  /** Bytes of its payload. */
  readonly size: number;
  /** Which of the stream it is: `Delivery` has counted those before it. */
  readonly count: number;
  /** How many are behind it. */
  readonly pending: number;
  readonly message: Msg;
}

/** Where a message that is sent on at once has been stored. */
export interface LivePlace {
  readonly sequence: number;
  /** The number of the message before it on this subject; 0 if there is none any more. */
  readonly previous: number;
}

/** Tokens of `$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.<count>.<time>.<pending>`. */
const SHORT = 9;
/** These have a domain and an account before the stream. */
const LONG = 11;

/** Reads what a consumer delivers; `null` if it is something else. */
export function readStored(message: Msg): StoredMessage | null {
  const tokens = message.reply?.split(".") ?? [];
  if (tokens[0] !== "$JS" || tokens.length < SHORT) return null;
  const at = tokens.length >= LONG ? LONG - SHORT : 0;
  const [sequence, count, nanoseconds, pending] = tokens.slice(5 + at, 9 + at).map(Number);
  if (sequence === undefined || count === undefined) return null;
  const size = Number(message.headers?.get("Nats-Msg-Size") || message.data.length);
  const time = Math.floor((nanoseconds ?? 0) / 1e6);
  return { subject: message.subject, sequence, time, size, count, pending: pending ?? 0, message };
}

/** Reads what a stream sends on; `null` if another program sent it. */
export function readPlace(message: Msg, stream: string): LivePlace | null {
  const { headers } = message;
  if (headers?.get("Nats-Stream") !== stream) return null;
  const sequence = count(headers.get("Nats-Sequence"));
  const previous = count(headers.get("Nats-Last-Sequence"));
  return sequence === null || previous === null || previous >= sequence
    ? null
    : { sequence, previous };
}

function count(text: string): number | null {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : null;
}
