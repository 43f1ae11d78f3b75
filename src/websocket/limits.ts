/** How much a WebSocket may take, and for how long. */

/** What becomes of a message for a peer that does not read what it was sent before. */
export type SlowPeerPolicy = "close" | "drop" | "wait";

/** The limits of one connection. Each is a setting of the application and a getter of the handler. */
export interface WebSocketLimits {
  /** Milliseconds without traffic after which the peer is pinged; 0 for never. */
  readonly pingInterval: number;
  /** Milliseconds that the peer has to answer a ping. */
  readonly pingTimeout: number;
  /** Bytes of a message that is received. */
  readonly maxMessageSize: number;
  /** Bytes unsent above which a writer waits. */
  readonly highWaterMark: number;
  /** Bytes unsent above which the peer is slow. */
  readonly maxBufferedBytes: number;
  /** What becomes of a message for a slow peer. */
  readonly onSlow: SlowPeerPolicy;
  /** Messages that may wait for the handler. */
  readonly inboxMessages: number;
  /** Bytes that they may have together. */
  readonly inboxBytes: number;
  /** Milliseconds that the peer has to answer a close frame. */
  readonly closeTimeout: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** The limits of an application that sets none. */
export const DEFAULT_LIMITS: WebSocketLimits = {
  pingInterval: 30_000,
  pingTimeout: 30_000,
  maxMessageSize: 10 * MIB,
  highWaterMark: 256 * KIB,
  maxBufferedBytes: 16 * MIB,
  onSlow: "close",
  inboxMessages: 1024,
  inboxBytes: 16 * MIB,
  closeTimeout: 5_000,
};

/** What a timer can count to; one that is set to more fires at once. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;

/** The last limits that were found. */
let latest: WebSocketLimits = DEFAULT_LIMITS;

/**
 * A handler's limits as they are at the upgrade. Connections whose limits are the same, which nearly
 * all are, share one object.
 *
 * @throws {RangeError} If one of them is not a number from 0.
 */
export function limitsOf(source: WebSocketLimits): WebSocketLimits {
  const limits = readLimits(source);
  if (!isSame(limits, latest)) latest = limits;
  return latest;
}

/**
 * Milliseconds without traffic after which a peer is dead: when it has not answered the ping that it
 * got in the meantime. 0 for never.
 */
export function silenceLimit(
  { pingInterval, pingTimeout }: Pick<WebSocketLimits, "pingInterval" | "pingTimeout">,
): number {
  return pingInterval === 0 ? 0 : Math.min(pingInterval + pingTimeout, LONGEST_TIMER);
}

function isSame(one: WebSocketLimits, other: WebSocketLimits): boolean {
  return (Object.keys(one) as (keyof WebSocketLimits)[]).every((name) => one[name] === other[name]);
}

function readLimits(source: WebSocketLimits): WebSocketLimits {
  const maxBufferedBytes = checked(source, "maxBufferedBytes");
  return {
    pingInterval: checked(source, "pingInterval"),
    pingTimeout: checkedTimeout(source),
    maxMessageSize: checked(source, "maxMessageSize"),
    highWaterMark: Math.min(checked(source, "highWaterMark"), maxBufferedBytes),
    maxBufferedBytes,
    onSlow: checkedPolicy(source),
    inboxMessages: checked(source, "inboxMessages"),
    inboxBytes: checked(source, "inboxBytes"),
    closeTimeout: Math.min(checked(source, "closeTimeout"), LONGEST_TIMER),
  };
}

/** No runtime that pings by itself could be told to wait for no answer. */
function checkedTimeout(source: WebSocketLimits): number {
  const pingTimeout = checked(source, "pingTimeout");
  if (pingTimeout > 0 || source.pingInterval === 0) return pingTimeout;
  throw new RangeError(
    "Cannot use 0 as the pingTimeout of a WebSocket: it must be above 0; a pingInterval of 0 pings nobody",
  );
}

function checkedPolicy({ onSlow }: WebSocketLimits): SlowPeerPolicy {
  if (isSlowPeerPolicy(onSlow)) return onSlow;
  throw new TypeError(
    `Cannot use ${
      JSON.stringify(onSlow)
    } as the onSlow of a WebSocket: expected "close", "drop" or "wait"`,
  );
}

/** Whether a value is one of the policies. */
export function isSlowPeerPolicy(value: unknown): value is SlowPeerPolicy {
  return value === "close" || value === "drop" || value === "wait";
}

function checked(source: WebSocketLimits, name: Exclude<keyof WebSocketLimits, "onSlow">): number {
  const value = source[name];
  if (value >= 0) return value;
  throw new RangeError(`Cannot use ${value} as the ${name} of a WebSocket: it must be at least 0`);
}
