/** What a runtime's `fetch` says of a failure, and what it means. */
import {
  HTTPClientError,
  HTTPConnectError,
  HTTPNoResponseError,
  HTTPProtocolError,
  HTTPStreamClosedError,
} from "../client_error.ts";

/** What the texts of errors, and codes in them, say on Deno and workerd, and on Node and Bun. */
const CONNECT = [
  /\(Connect\)|dns error|connect error|certificate|handshake|tunnel|socks/i,
  /connect E[A-Z]|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|SSL routines|failed: failed to connect/i,
];
const CLOSED = [
  /connection (?:closed|lost)|reset|broken pipe|eof|reading a body|incomplete|terminated/i,
  /hang up|other side closed|connection ended/i,
];
const PROTOCOL = [
  /invalid|too large|unexpected end of file|corrupt|deflate|gzip|protocol|decompress|brotli|crc/i,
  /parse error/i,
];
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
  if (says(text, CONNECT)) return new HTTPConnectError(message, { cause: error });
  if (says(text, CLOSED)) return new HTTPStreamClosedError(message, { cause: error });
  if (says(text, PROTOCOL)) return new HTTPProtocolError(message, { cause: error });
  return new HTTPNoResponseError(message, { cause: error });
}

function says(text: string, patterns: readonly RegExp[]): boolean {
  return patterns.some((pattern) => pattern.test(text));
}

/** The innermost texts say most; the address in the outer ones may hold secrets in its query. */
function describe(error: unknown): string {
  const texts: string[] = [];
  for (let depth = 0; error instanceof Error && depth < MAX_CAUSES; depth++) {
    texts.push(error.message || codeOf(error));
    error = error.cause;
  }
  const deepest = texts.at(-1) ?? String(error);
  return deepest.replace(/^error sending request .*?\): (?=client error)/s, "");
}

/** Of several addresses that were tried, Node has no text, but a code. */
function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}
