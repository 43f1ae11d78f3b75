/**
 * An HTTP client with timeouts, limits, redirects, retries and a cache (`tornado.httpclient`).
 *
 * Here are {@linkcode AsyncHTTPClient}, {@linkcode HTTPRequest}, {@linkcode HTTPResponse},
 * {@linkcode HTTPCache}, {@linkcode HTTPClientError}, {@linkcode HTTPBodySizeError},
 * {@linkcode HTTPConnectError}, {@linkcode HTTPNoResponseError}, {@linkcode HTTPProtocolError},
 * {@linkcode HTTPStreamClosedError}, {@linkcode HTTPTimeoutError}.
 *
 * @example
 * ```ts
 * import { AsyncHTTPClient } from "@gustnado/gustnado/client";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, () => new Response("Hello"));
 * const client = new AsyncHTTPClient();
 * const response = await client.fetch(`http://localhost:${server.addr.port}/`);
 * assertEquals([response.code, response.text()], [200, "Hello"]);
 * client.close();
 * ```
 *
 * @module
 */
export {
  AsyncHTTPClient,
  type AsyncHTTPClientOptions,
  type Fetchable,
  type FetchAllOptions,
  type FetchOptions,
} from "./async_http_client.ts";
export {
  HTTPBodySizeError,
  HTTPClientError,
  type HTTPClientErrorOptions,
  HTTPConnectError,
  HTTPNoResponseError,
  HTTPProtocolError,
  HTTPStreamClosedError,
  HTTPTimeoutError,
} from "./client_error.ts";
export {
  type CachePolicy,
  type CachePolicyClass,
  type CacheRequest,
  type CacheResponse,
  HTTPCache,
  type HTTPCacheOptions,
} from "./http_cache.ts";
export type { CookieJar } from "./cookie_jar.ts";
export {
  type BodyWriter,
  HTTPRequest,
  type HTTPRequestOptions,
  type RequestBody,
} from "./http_request.ts";
export { HTTPResponse, type HTTPResponseParts, type TimeInfo } from "./http_response.ts";
export type { RetryOptions } from "./attempt/retry.ts";
