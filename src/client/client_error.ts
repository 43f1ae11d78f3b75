/** What a fetch fails with. */
import { reasonPhrase } from "../http/status_text.ts";
import type { HTTPResponse } from "./http_response.ts";

/** The code of a fetch that got no response, as in Tornado. */
const NO_RESPONSE = 599;

/**
 * Options of {@linkcode HTTPClientError}.
 *
 * @category HTTP client
 */
export interface HTTPClientErrorOptions {
  /** What is said after `HTTP 404: `; the standard reason of the code unless given. */
  readonly message?: string;
  /** The response, if there is one. */
  readonly response?: HTTPResponse;
  /** What led to it. */
  readonly cause?: unknown;
}

/**
 * A fetch that failed (`tornado.httpclient.HTTPClientError`): the server's answer was not a success,
 * or there was none, and it is an {@linkcode HTTPNoResponseError} with the code 599, mostly one of the
 * kinds {@linkcode HTTPTimeoutError}, {@linkcode HTTPConnectError}, {@linkcode HTTPStreamClosedError},
 * {@linkcode HTTPProtocolError} and {@linkcode HTTPBodySizeError}.
 *
 * @example
 * ```ts
 * import { HTTPClientError } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new HTTPClientError(404).message, "HTTP 404: Not Found");
 * ```
 *
 * @category HTTP client
 */
export class HTTPClientError extends Error {
  /** The name of the class. */
  override readonly name: string = "HTTPClientError";
  /** The status of the response; 599 where there is none. */
  readonly code: number;
  /** The response; `undefined` where there is none. A redirect too many has one. */
  readonly response: HTTPResponse | undefined;

  /**
   * Makes the exception.
   *
   * @param code The status of the response, or 599.
   */
  constructor(code: number, options: HTTPClientErrorOptions = {}) {
    const message = options.message ?? options.response?.reason ?? reasonPhrase(code);
    super(`HTTP ${code}: ${message}`, "cause" in options ? { cause: options.cause } : {});
    this.code = code;
    this.response = options.response;
  }
}

/**
 * There is no response: code 599. Most have a kind of their own.
 *
 * @example
 * ```ts
 * import { AsyncHTTPClient, HTTPClientError, HTTPNoResponseError } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * // The status, or why there is none.
 * async function check(client: AsyncHTTPClient, url: string) {
 *   try {
 *     return (await client.fetch(url)).code;
 *   } catch (error) {
 *     if (error instanceof HTTPNoResponseError) return error.name;
 *     if (error instanceof HTTPClientError) return error.code;
 *     throw error;
 *   }
 * }
 *
 * using client = new AsyncHTTPClient();
 * // Nobody listens on a port that was just closed.
 * const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * listener.close();
 * assertEquals(await check(client, `http://127.0.0.1:${listener.addr.port}/`), "HTTPConnectError");
 * ```
 *
 * @category HTTP client
 */
export class HTTPNoResponseError extends HTTPClientError {
  /** The name of the class. */
  override readonly name: string = "HTTPNoResponseError";

  /**
   * Makes the exception.
   *
   * @param message What failed.
   * @param options The `cause`.
   */
  constructor(message: string, options: ErrorOptions = {}) {
    super(NO_RESPONSE, { message, ...options });
  }
}

/**
 * `requestTimeout` or `connectTimeout` has passed (`tornado.simple_httpclient.HTTPTimeoutError`).
 *
 * @example
 * ```ts
 * import { AsyncHTTPClient, HTTPTimeoutError } from "@gustnado/gustnado";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * // A server that answers nobody.
 * using client = new AsyncHTTPClient({
 *   fetch: (_url, { signal }) =>
 *     new Promise((_resolve, reject) => {
 *       signal?.addEventListener("abort", () => reject(signal.reason));
 *     }),
 * });
 * const error = await assertRejects(
 *   () => client.fetch("http://localhost/", { requestTimeout: 10 }),
 *   HTTPTimeoutError,
 * );
 * assertEquals(error.code, 599);
 * ```
 *
 * @category HTTP client
 */
export class HTTPTimeoutError extends HTTPNoResponseError {
  /** The name of the class. */
  override readonly name = "HTTPTimeoutError";
}

/**
 * The server was not reached: its name does not resolve, it refuses, its certificate is wrong. It has
 * seen nothing of the request.
 *
 * @example
 * ```ts
 * import { AsyncHTTPClient, HTTPConnectError } from "@gustnado/gustnado";
 * import { assertRejects } from "@std/assert";
 *
 * // Nobody listens on a port that was just closed.
 * const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * listener.close();
 * using client = new AsyncHTTPClient();
 * await assertRejects(
 *   () => client.fetch(`http://127.0.0.1:${listener.addr.port}/`),
 *   HTTPConnectError,
 * );
 * ```
 *
 * @category HTTP client
 */
export class HTTPConnectError extends HTTPNoResponseError {
  /** The name of the class. */
  override readonly name = "HTTPConnectError";
}

/**
 * The server closed the connection before the response was complete
 * (`tornado.simple_httpclient.HTTPStreamClosedError`).
 *
 * @example
 * ```ts
 * import { AsyncHTTPClient, HTTPStreamClosedError, type IOStream, TCPServer } from "@gustnado/gustnado";
 * import { assertRejects } from "@std/assert";
 *
 * class HangsUp extends TCPServer {
 *   override async handleStream(stream: IOStream) {
 *     await stream.readUntil("\r\n\r\n");
 *     await stream.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
 *     stream.close();
 *   }
 * }
 *
 * const server = new HangsUp();
 * server.listen(0, { hostname: "127.0.0.1" });
 * using client = new AsyncHTTPClient();
 * await assertRejects(
 *   () => client.fetch(`http://127.0.0.1:${server.port}/`),
 *   HTTPStreamClosedError,
 * );
 * await server.stop();
 * ```
 *
 * @category HTTP client
 */
export class HTTPStreamClosedError extends HTTPNoResponseError {
  /** The name of the class. */
  override readonly name = "HTTPStreamClosedError";
}

/**
 * What the server sent is not HTTP, breaks its rules, or does not decode.
 *
 * @example
 * ```ts
 * import { AsyncHTTPClient, HTTPProtocolError } from "@gustnado/gustnado";
 * import { assertThrows } from "@std/assert";
 *
 * using client = new AsyncHTTPClient({
 *   fetch: () => Promise.resolve(new Response(new Uint8Array([0x63, 0x61, 0x66, 0xe9]))),
 * });
 * const response = await client.fetch("http://localhost/");
 * // It is Latin-1, and does not say so.
 * assertThrows(() => response.text(), HTTPProtocolError, "Cannot decode the body as utf-8");
 * ```
 *
 * @category HTTP client
 */
export class HTTPProtocolError extends HTTPNoResponseError {
  /** The name of the class. */
  override readonly name = "HTTPProtocolError";
}

/**
 * The body of the response is larger than `maxBodySize`.
 *
 * @example
 * ```ts
 * import { AsyncHTTPClient, HTTPBodySizeError } from "@gustnado/gustnado";
 * import { assertRejects } from "@std/assert";
 *
 * using client = new AsyncHTTPClient({
 *   maxBodySize: 1024,
 *   fetch: () => Promise.resolve(new Response("x".repeat(2000))),
 * });
 * await assertRejects(() => client.fetch("http://localhost/"), HTTPBodySizeError);
 * ```
 *
 * @category HTTP client
 */
export class HTTPBodySizeError extends HTTPNoResponseError {
  /** The name of the class. */
  override readonly name = "HTTPBodySizeError";
}
