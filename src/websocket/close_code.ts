/** The codes and reasons of close frames (RFC 6455 §7.4). */
import { excerpt } from "../http/excerpt.ts";

/** The codes that the library sends by itself, and those that it reports. */
export const CloseCode = {
  /** The purpose of the connection is fulfilled. */
  normal: 1000,
  /** The server shuts down. */
  goingAway: 1001,
  /** No close frame came. It never stands in one. */
  abnormal: 1006,
  /** The peer sends faster than it is served, or does not read. */
  policy: 1008,
  /** A message is larger than allowed. */
  tooBig: 1009,
  /** A hook failed. */
  internalError: 1011,
} as const;

/** How a connection is closed that this side gives up. */
export interface Farewells {
  /** The server shuts down. */
  goingAway(): Closing;
  /** The peer does not read. */
  readonly slow: Closing;
  /** The peer sends faster than it is served. */
  readonly overrun: Closing;
}

/** Those of RFC 6455. */
export const FAREWELLS: Farewells = {
  goingAway: () => ({ code: CloseCode.goingAway, reason: "Server is shutting down" }),
  slow: { code: CloseCode.policy, reason: "Reads too slowly" },
  overrun: { code: CloseCode.policy, reason: "Too many messages" },
};

/** A close frame had no code: the runtime's way to say so. */
const NO_STATUS = 1005;
/** Bytes that a reason may have: what fits into a control frame (RFC 6455 §5.5). */
const MAX_REASON = 123;

/**
 * Refuses what cannot stand in a close frame.
 *
 * @throws {RangeError} If the code is not 1000 to 1003, 1007 to 1014 or 3000 to 4999, or the reason
 *   is longer than 123 bytes of UTF-8.
 */
export function checkClose(code: number, reason: string): void {
  const valid = Number.isInteger(code) &&
    (code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014 || code >= 3000 && code <= 4999);
  if (!valid) {
    throw new RangeError(
      `Cannot close() with code ${code}: use 1000 to 1003, 1007 to 1014, or 3000 to 4999`,
    );
  }
  if (new TextEncoder().encode(reason).length > MAX_REASON) {
    throw new RangeError(
      `Cannot close() with the reason ${excerpt(reason)}: it has more than ${MAX_REASON} bytes`,
    );
  }
}

/** A close frame. */
export interface Closing {
  /** Its code; `null` if it had none. */
  readonly code: number | null;
  /** Its reason; `null` if it had none. */
  readonly reason: string | null;
}

/**
 * How a connection was closed, from what the runtime reports of it.
 *
 * @param event What the runtime reports: code 0 where no close frame came, 1005 where it had no code.
 * @param own What this side had sent before, if anything. It stands in for an answer that the
 *   runtime does not tell: a closing connection ends for it with the next frame, whichever it is.
 */
export function closingOf(event: Pick<CloseEvent, "code" | "reason">, own?: Closing): Closing {
  const { code, reason } = event;
  if (code !== 0 && code !== NO_STATUS) return { code, reason: reason === "" ? null : reason };
  if (own !== undefined) return own;
  return { code: code === 0 ? CloseCode.abnormal : null, reason: null };
}
