/** Opening a WebSocket, and what a failure to do so means. */
import { excerpt } from "../../http/excerpt.ts";
import { checkFieldValue, isToken } from "../../http/fields/field.ts";
import { HTTPClientError, HTTPTimeoutError } from "../../client/client_error.ts";
import { LONGEST_DELAY } from "../../concurrent/waiting/longest_delay.ts";
import { toClientError } from "../../client/attempt/fetch_failure.ts";
import { openClientWebSocket } from "../../platform/client_web_socket.ts";
import { WebSocketError } from "../web_socket_error.ts";

/** What a WebSocket is asked for with. */
export interface Handshake {
  /** The URL, `ws:` or `wss:`. */
  readonly url: string;
  /** Header fields. */
  readonly headers: Headers | undefined;
  /** Subprotocols that are offered. */
  readonly protocols: readonly string[];
  /** Settings of the connection beneath. */
  readonly connections: Readonly<Record<string, unknown>> | undefined;
  /** Milliseconds; 0 for no limit. */
  readonly connectTimeout: number;
}

const STATUS = /invalid status code: (\d{3})|but received (\d{3}) instead/i;
const NOT_WEBSOCKET = /invalid (?:upgrade|connection) header|sec-websocket/i;

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
  const { url, connectTimeout: timeout } = handshake;
  const socket = openClientWebSocket(url, handshake);
  socket.binaryType = "arraybuffer";
  const listening = new AbortController();
  const settle = () => {
    clearTimeout(timer);
    listening.abort();
  };
  const fail = (error: unknown) => {
    settle();
    // A socket that is closed while it connects reports the failure that this has caused.
    socket.addEventListener("error", (event) => event.preventDefault(), { once: true });
    socket.close();
    reject(error);
  };
  const timer = timeout === 0 ? undefined : setTimeout(
    () => fail(new HTTPTimeoutError(`Timeout while connecting after ${timeout} ms`)),
    Math.min(timeout, LONGEST_DELAY),
  );
  const options = { signal: listening.signal };
  signal?.addEventListener("abort", () => fail(signal.reason), options);
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
  const [, first, second] = STATUS.exec(message) ?? [];
  const status = first ?? second;
  const code = Number(status);
  if (status === undefined) {
    if (!NOT_WEBSOCKET.test(message)) return toClientError(cause, "Cannot open a WebSocket");
  } else if (code >= 300) {
    return new HTTPClientError(code, { cause });
  }
  return new WebSocketError("Cannot open a WebSocket: non-WebSocket response", { cause });
}
