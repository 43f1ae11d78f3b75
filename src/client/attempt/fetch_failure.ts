/** What a runtime's `fetch` says of a failure, and what it means. */
import {
  HTTPClientError,
  HTTPConnectError,
  HTTPNoResponseError,
  HTTPProtocolError,
  HTTPStreamClosedError,
} from "../client_error.ts";

/** No runtime gives codes: the text of the error and of its causes is all there is. */
const CONNECT = /\(Connect\)|dns error|connect error|certificate|handshake|tunnel|socks/i;
const CLOSED =
  /connection (?:closed|lost)|reset|broken pipe|eof|reading a body|incomplete|terminated/i;
const PROTOCOL =
  /invalid|too large|unexpected end of file|corrupt|deflate|gzip|protocol|decompress|brotli|crc/i;
const MAX_CAUSES = 5;

/**
 * Turns what `fetch`, or reading from its response, has thrown into the exception that callers see.
 *
 * @param error What was thrown; it becomes the `cause`.
 * @param action What failed, such as `"Cannot read the body"`.
 */
export function toClientError(error: unknown, action: string): HTTPClientError {
  if (error instanceof HTTPClientError) return error;
  const text = describe(error);
  const message = `${action}: ${text}`;
  if (CONNECT.test(text)) return new HTTPConnectError(message, { cause: error });
  if (CLOSED.test(text)) return new HTTPStreamClosedError(message, { cause: error });
  if (PROTOCOL.test(text)) return new HTTPProtocolError(message, { cause: error });
  return new HTTPNoResponseError(message, { cause: error });
}

/** The innermost texts say most; the address in the outer ones may hold secrets in its query. */
function describe(error: unknown): string {
  const texts: string[] = [];
  for (let depth = 0; error instanceof Error && depth < MAX_CAUSES; depth++) {
    texts.push(error.message);
    error = error.cause;
  }
  const deepest = texts.at(-1) ?? String(error);
  return deepest.replace(/^error sending request .*?\): (?=client error)/s, "");
}
