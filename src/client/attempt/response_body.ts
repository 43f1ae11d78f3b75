/** The body of a response on its way in. */
import { ByteWindow } from "../../http/body/byte_window.ts";
import { HTTPBodySizeError } from "../client_error.ts";
import { toClientError } from "./fetch_failure.ts";
import type { HTTPRequestOptions } from "../http_request.ts";

/** Who gets a body as it comes. */
export type BodyCallbacks = Pick<HTTPRequestOptions, "streamingCallback" | "downloadProgress">;

const EMPTY = new Uint8Array(0);
/** Bytes of a body that are rather read than that a connection is given up. */
const SMALL_BODY = 16 * 1024;
const DIGITS = /^\d{1,15}$/;

/** How a body is read. */
export interface BodyOptions {
  /** Its length; `null` where that is not known, or said of what was not decoded yet. */
  readonly length: number | null;
  /** The largest body, in decoded bytes. */
  readonly maxBodySize: number;
  /** Who gets it as it comes; `null` if nobody does. */
  readonly callbacks: BodyCallbacks | null;
  /** When it aborts, nobody gets more. */
  readonly signal: AbortSignal;
}

/**
 * Reads the body of a response under a limit that counts decoded bytes.
 *
 * @returns The body; empty where the request has a `streamingCallback`, which has got it then.
 * @throws {HTTPClientError} If it cannot be read; without callbacks also what the runtime throws.
 * @throws {HTTPBodySizeError} When the body exceeds the limit. The rest is not read.
 */
export function readResponseBody(
  response: Response,
  options: BodyOptions,
): Promise<Uint8Array> {
  const { length, maxBodySize, callbacks } = options;
  // The runtime gives no more than the declared length, and reads it at a third of the cost.
  if (callbacks === null && length !== null && length <= maxBodySize) return wholeBody(response);
  const { body } = response;
  if (body === null) return Promise.resolve(EMPTY);
  if (length !== null && length > maxBodySize) return refuse(body, maxBodySize);
  return readPieces(body, options);
}

async function refuse(
  body: ReadableStream<Uint8Array>,
  maxBodySize: number,
): Promise<Uint8Array> {
  await body.cancel();
  throw tooLarge(maxBodySize);
}

/**
 * Does away with a body that nobody wants. A small one is read, as its connection can then be used
 * again; any other ends its connection.
 */
export async function discardBody(response: Response): Promise<void> {
  if (response.body === null) return;
  const length = declaredLength(response.headers);
  if (length !== null && length <= SMALL_BODY) await wholeBody(response).catch(cannotRead);
  else await response.body.cancel();
}

/** Not every runtime has `response.bytes()`. */
async function wholeBody(response: Response): Promise<Uint8Array> {
  return typeof response.bytes === "function"
    ? response.bytes()
    : new Uint8Array(await response.arrayBuffer());
}

function cannotRead(error: unknown): never {
  throw toClientError(error, "Cannot read the body");
}

/** The value of `Content-Length`; `null` if it is none. */
export function declaredLength(headers: Headers): number | null {
  const value = headers.get("content-length");
  return value !== null && DIGITS.test(value) ? Number(value) : null;
}

async function readPieces(
  body: ReadableStream<Uint8Array>,
  { length, maxBodySize, callbacks, signal }: BodyOptions,
): Promise<Uint8Array> {
  const { streamingCallback, downloadProgress } = callbacks ?? {};
  const window = new ByteWindow();
  const reader = body.getReader();
  let received = 0;
  try {
    for (let chunk = await next(reader); chunk !== undefined; chunk = await next(reader)) {
      received += chunk.length;
      if (received > maxBodySize) throw tooLarge(maxBodySize);
      downloadProgress?.(received, length);
      if (streamingCallback === undefined) window.append(chunk);
      else await streamingCallback(chunk);
      signal.throwIfAborted();
    }
  } catch (error) {
    // It ends the connection. That it may have ended by itself adds nothing.
    await reader.cancel(error).catch(() => {});
    throw error;
  }
  return window.bytes;
}

async function next(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value;
  } catch (error) {
    cannotRead(error);
  }
}

function tooLarge(maxBodySize: number): HTTPBodySizeError {
  return new HTTPBodySizeError(
    `Cannot read the body: it is larger than maxBodySize, ${maxBodySize} bytes`,
  );
}
