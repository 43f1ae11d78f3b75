/** What a client of topics may be told, and what it tells. */
import type { TopicError } from "./topic_error.ts";
import type { TopicSubscription } from "./topic_subscription.ts";

/**
 * How a client is: `"connecting"`, `"open"`, `"waiting"` for the next attempt, or `"closed"` for good.
 *
 * @category Topics
 */
export type TopicClientState = "connecting" | "open" | "waiting" | "closed";

/**
 * What a client may be told.
 *
 * @category Topics
 */
export interface TopicClientOptions {
  /**
   * The URL of a topic for a `TopicStreamHandler`. With it, a client whose WebSocket was never open in
   * three attempts takes event streams and POST, and tries the WebSocket again now and then. Default none.
   */
  readonly fallback?: (topic: string) => string | URL;
  /** Header fields of a POST, such as an XSRF token. Is called for each. Default none. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Publications and messages that may wait for their answers. Default 1,000. */
  readonly maxQueued?: number;
  /** The longest wait between two attempts, in milliseconds. Default 20,000. */
  readonly maxDelay?: number;
  /** The class of WebSockets. Default that of the runtime; Node 20 has none. */
  readonly WebSocket?: typeof WebSocket;
}

/**
 * What a client tells, by the name of the event.
 *
 * @category Topics
 */
export interface TopicClientEvents {
  /** `state` is another than before. */
  state: Event;
  /**
   * The WebSocket is open. `detail.resumed` tells whether the server knows the session from before. If
   * not, what had no answer is sent again as if for the first time, and may be done twice.
   */
  open: CustomEvent<{ readonly resumed: boolean }>;
  /** A WebSocket that was open is gone. */
  close: CustomEvent<{ readonly code: number; readonly reason: string }>;
  /** A message to this client alone. */
  message: MessageEvent;
  /** The server subscribed the client to a topic. */
  subscribed: CustomEvent<TopicSubscription>;
  /** The server says that something went wrong, of no request of this client. */
  error: CustomEvent<TopicError>;
}
