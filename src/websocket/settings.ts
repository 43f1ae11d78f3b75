/**
 * The limits of WebSockets: each is a setting of the application, and a member of its handlers, which a
 * class may override; the client's options have some of them, too. A new one is written here: what it
 * means, its name without the prefix, its check and its default.
 */
import { NUMBER, oneOf, type OptionType, type SettingTable, SIZE } from "../checks/option_check.ts";

/**
 * What becomes of a message for a peer that does not read what it was sent before.
 *
 * @category WebSockets and event streams
 */
export type SlowPeerPolicy = "close" | "drop" | "wait";

/**
 * What an application can be told of its WebSockets.
 *
 * @category WebSockets and event streams
 */
export interface WebSocketSettings {
  /**
   * Milliseconds without traffic after which the peer of a WebSocket is pinged; one that does not
   * answer within `websocketPingTimeout` is dropped. A peer with more than `websocketHighWaterMark`
   * bytes unsent that takes none of them for both times together is dropped, too. Default 30,000. With
   * 0 dead peers stay until TCP gives up on them, and a socket takes about 5 KiB less. Pings of the
   * peer do not count as traffic.
   */
  websocketPingInterval?: number;
  /**
   * Milliseconds above 0 that a peer has to answer a ping. Default `websocketPingInterval`. Deno takes
   * the sum of both, its `idleTimeout`: it drops a peer when that time is over, and pings it when half
   * of it is.
   */
  websocketPingTimeout?: number;
  /**
   * Bytes of one WebSocket message that is received; larger closes with 1009. Default 10 MiB. The
   * runtime refuses frames of 64 MiB by itself, and holds a message of several frames before its
   * size is seen.
   */
  websocketMaxMessageSize?: number;
  /**
   * Bytes unsent above which `await writeMessage()` waits. Default 256 KiB. The runtime is handed no
   * more than these, or one larger message: what it has been handed it keeps, with the connection,
   * even after the close, until a peer that does not read has gone away.
   */
  websocketHighWaterMark?: number;
  /**
   * Bytes unsent above which a peer is slow; see `websocketOnSlow`. Default 16 MiB. What was published
   * waits as a reference to one message for all, which counts for each.
   */
  websocketMaxBufferedBytes?: number;
  /**
   * What becomes of a message for a slow peer. `"close"`, the default, closes with 1008; `"drop"`
   * leaves this message out; `"wait"` sends it: memory is bounded only if every writer awaits
   * `writeMessage()` and `publish()`, and a publisher waits for its slowest subscriber.
   */
  websocketOnSlow?: SlowPeerPolicy;
  /**
   * Messages of one WebSocket that may wait while `onMessage` or `open` is busy; more closes with
   * 1008. Default 1,024.
   */
  websocketInboxMessages?: number;
  /** Bytes that these may have together; more closes with 1008. Default 16 MiB. */
  websocketInboxBytes?: number;
  /** Milliseconds that a peer has to answer a close frame before it is cut. Default 5,000. */
  websocketCloseTimeout?: number;
}

/**
 * The limits of one connection: those of its handler. Each is the setting of the application that has
 * `websocket` before its name, unless the class overrides it.
 *
 * @category WebSockets and event streams
 */
export interface WebSocketLimits {
  /** Milliseconds without traffic after which the peer is pinged; 0 for never. */
  readonly pingInterval: number;
  /** Milliseconds above 0 that the peer has to answer a ping; `pingInterval` unless set. */
  readonly pingTimeout: number;
  /** Bytes of a message that is received; a larger one ends the connection. */
  readonly maxMessageSize: number;
  /** Bytes unsent above which a writer waits. */
  readonly highWaterMark: number;
  /** Bytes unsent above which the peer is slow. */
  readonly maxBufferedBytes: number;
  /** What becomes of a message for a slow peer. */
  readonly onSlow: SlowPeerPolicy;
  /** Messages that may wait to be taken; one more ends the connection. */
  readonly inboxMessages: number;
  /** Bytes that they may have together; more ends the connection. */
  readonly inboxBytes: number;
  /** Milliseconds that the peer has to answer a close frame. */
  readonly closeTimeout: number;
}

const PING_TIMEOUT: OptionType = {
  name: "a number above 0; an interval of 0 pings nobody",
  test: (value) => typeof value === "number" && value > 0,
};
const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes of a message that is received, where nothing else is said. */
export const MAX_MESSAGE_SIZE: number = 10 * MIB;

/** What may stand in each, by the names of the settings: a class of handlers may say it, too. */
export const WEBSOCKET_ROWS: SettingTable<WebSocketSettings, "websocketPingTimeout"> = {
  websocketPingInterval: { ...SIZE, default: 30_000 },
  websocketPingTimeout: PING_TIMEOUT,
  websocketMaxMessageSize: { ...SIZE, default: MAX_MESSAGE_SIZE },
  websocketHighWaterMark: { ...SIZE, default: 256 * KIB },
  websocketMaxBufferedBytes: { ...SIZE, default: 16 * MIB },
  websocketOnSlow: { ...oneOf<SlowPeerPolicy>("close", "drop", "wait"), default: "close" },
  websocketInboxMessages: { ...SIZE, default: 1024 },
  websocketInboxBytes: { ...SIZE, default: 16 * MIB },
  websocketCloseTimeout: { ...SIZE, default: 5_000 },
};

/** The checks and defaults of {@linkcode WebSocketSettings}. */
export const WEBSOCKET_SETTINGS: SettingTable<WebSocketSettings, "websocketPingTimeout"> = {
  websocketPingInterval: WEBSOCKET_ROWS.websocketPingInterval,
  websocketPingTimeout: WEBSOCKET_ROWS.websocketPingTimeout,
  websocketMaxMessageSize: WEBSOCKET_ROWS.websocketMaxMessageSize,
  websocketHighWaterMark: WEBSOCKET_ROWS.websocketHighWaterMark,
  websocketMaxBufferedBytes: WEBSOCKET_ROWS.websocketMaxBufferedBytes,
  websocketOnSlow: WEBSOCKET_ROWS.websocketOnSlow,
  websocketInboxMessages: WEBSOCKET_ROWS.websocketInboxMessages,
  websocketInboxBytes: WEBSOCKET_ROWS.websocketInboxBytes,
  websocketCloseTimeout: WEBSOCKET_ROWS.websocketCloseTimeout,
};

/**
 * The limits of a client, under the names of its options. Their defaults are those of the settings.
 *
 * @category WebSockets and event streams
 */
export type WebSocketClientLimits = Partial<
  Pick<
    WebSocketLimits,
    | "pingInterval"
    | "pingTimeout"
    | "maxMessageSize"
    | "inboxMessages"
    | "inboxBytes"
    | "closeTimeout"
  >
>;

/** The types of {@linkcode WebSocketClientLimits}; their range is that of all numbers of a client. */
export const CLIENT_LIMITS: Readonly<Record<keyof WebSocketClientLimits, OptionType>> = {
  pingInterval: NUMBER,
  pingTimeout: NUMBER,
  maxMessageSize: NUMBER,
  inboxMessages: NUMBER,
  inboxBytes: NUMBER,
  closeTimeout: NUMBER,
};
