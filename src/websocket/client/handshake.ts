/** Opening a WebSocket, and what a failure to do so means. */
import { onAbort } from "../../concurrent/waiting/abort_listeners.ts";
import { excerpt } from "../../http/excerpt.ts";
import { checkFieldValue, isToken } from "../../http/fields/field.ts";
import { HTTPClientError, HTTPTimeoutError } from "../../client/client_error.ts";
import { LONGEST_DELAY } from "../../platform/timer.ts";
import { toClientError } from "../../client/attempt/fetch_failure.ts";
import { type ClientWebSocketInit, detectPlatform } from "../../platform/platform.ts";
import { openClientWebSocket } from "../../platform/client_web_socket.ts";
import { dropConnection } from "../socket_end.ts";
import { WebSocketError } from "../web_socket_error.ts";

/** Opens a native WebSocket, or what stands for one. */
export type OpenWebSocket = (url: string, init: ClientWebSocketInit) => WebSocket;

/** What a WebSocket is asked for with. */
export interface Handshake extends ClientWebSocketInit {
  /** The URL, `ws:` or `wss:`. */
  readonly url: string;
  /** Milliseconds; 0 for no limit. */
  readonly connectTimeout: number;
  /** How the socket is opened: by the runtime, unless given. */
  readonly open?: OpenWebSocket;
}

/** `readyState` of a native socket that is open. */
const OPEN = 1;
/** Each runtime has words of its own for a status other than 101, and for a 101 that is no upgrade. */
const STATUS = /(?:status code: |but received |server response: )(\d{3})/i;
const NOT_WEBSOCKET =
  /(?:invalid|missing) (?:upgrade|connection) header|sec-websocket|websocket accept header/i;

/**
 * Checks what a handshake is to be made of.
 *
 * @throws {TypeError} If the URL is none of a WebSocket, or a field or subprotocol cannot be sent.
 */
export function checkHandshake({ url, headers, protocols }: Handshake): void {
  const parsed = URL.parse(url);
  if (parsed === null || !/^wss?:$/.test(parsed.protocol)) {
    const shown = excerpt(url.replace(/\/\/[^/?#]*@/, "//"));
    throw new TypeError(`Cannot open a WebSocket to ${shown}: the scheme must be ws: or wss:`);
  }
  for (const [name, value] of headers ?? []) checkFieldValue(name, value);
  const wrong = protocols.find((name, i) => !isToken(name) || protocols.indexOf(name) !== i);
  if (wrong === undefined) return;
  throw new TypeError(
    `Cannot offer the subprotocol ${excerpt(wrong)}: it is no token, or there twice`,
  );
}

/** How {@linkcode openSocket} goes about it. */
export interface OpenOptions<Result> {
  /** Takes the open socket over, at once: what is not listened to by then is lost. */
  readonly onOpen: (socket: WebSocket) => Result;
  /** Cancels the attempt. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a WebSocket.
 *
 * @returns What `onOpen` gives.
 * @throws {HTTPClientError} If the server refuses, with its status, or cannot be reached.
 * @throws {WebSocketError} If it answers with what is no WebSocket.
 */
export function openSocket<Result>(
  handshake: Handshake,
  { onOpen, signal }: OpenOptions<Result>,
): Promise<Result> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const { url, connectTimeout: timeout, open = openClientWebSocket } = handshake;
  const socket = open(url, handshake);
  socket.binaryType = "arraybuffer";
  const listening = new AbortController();
  const settle = () => {
    clearTimeout(timer);
    stopListening?.();
    listening.abort();
  };
  const fail = (error: unknown) => {
    settle();
    // A socket that is closed while it connects reports the failure that this has caused.
    socket.addEventListener("error", (event) => event.preventDefault(), { once: true });
    // One that is open already is not worth waiting for the peer's close frame.
    if (socket.readyState === OPEN) dropConnection(socket, detectPlatform());
    else socket.close();
    reject(error);
  };
  const timer = timeout === 0 ? undefined : setTimeout(
    () => fail(new HTTPTimeoutError(`Timeout while connecting after ${timeout} ms`)),
    Math.min(timeout, LONGEST_DELAY),
  );
  const stopListening = signal && onAbort(signal, () => fail(signal.reason));
  const options = { signal: listening.signal };
  socket.addEventListener("error", (event) => fail(toHandshakeError(event)), options);
  socket.addEventListener("open", () => {
    const refusal = refuseSubprotocol(socket, handshake);
    if (refusal !== undefined) return fail(refusal);
    settle();
    resolve(onOpen(socket));
  }, options);
  return promise;
}

/** A server must not select what was not offered (RFC 6455 §4.1); the runtime lets it. */
function refuseSubprotocol(
  { protocol }: WebSocket,
  { protocols }: Handshake,
): WebSocketError | undefined {
  // Without one, workerd has null where others have an empty text.
  if (!protocol || protocols.includes(protocol)) return undefined;
  return new WebSocketError(
    `Cannot open a WebSocket: the server selected ${excerpt(protocol)}, which was not offered`,
  );
}

function toHandshakeError(event: Event): Error {
  const { message, error } = event as ErrorEvent;
  const cause = error ?? new Error(message);
  const [, status] = STATUS.exec(message) ?? [];
  const code = Number(status);
  if (status === undefined) {
    if (!NOT_WEBSOCKET.test(message)) return toClientError(cause, "Cannot open a WebSocket");
  } else if (code >= 300) {
    return new HTTPClientError(code, { cause });
  }
  return new WebSocketError("Cannot open a WebSocket: non-WebSocket response", { cause });
}
