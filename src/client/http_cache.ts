/** Responses that are kept (RFC 9111). */
import { AgedMap } from "../concurrent/collections/aged_map.ts";
import { checkOptions } from "../checks/option_check.ts";
import type { HTTPRequest } from "./http_request.ts";
import { HTTPResponse } from "./http_response.ts";
import { CACHE_TYPES } from "./option_types.ts";

/**
 * A request, as a policy sees it.
 *
 * @category HTTP client
 */
export interface CacheRequest {
  /** The method. */
  readonly method: string;
  /** The URL. */
  readonly url: string;
  /** The fields, names in lower case. */
  readonly headers: Record<string, string>;
}

/**
 * A response, as a policy sees it.
 *
 * @category HTTP client
 */
export interface CacheResponse {
  /** The status. */
  readonly status: number;
  /** The fields, names in lower case. */
  readonly headers: Record<string, string>;
}

/**
 * What decides about one response: an instance of `http-cache-semantics` is one.
 *
 * @category HTTP client
 */
export interface CachePolicy {
  /** Whether it may be kept. */
  storable(): boolean;
  /** Whether it answers a request as it is. */
  satisfiesWithoutRevalidation(request: CacheRequest): boolean;
  /** The fields that it is given out with. */
  responseHeaders(): Record<string, string | string[] | undefined>;
  /** The fields of a request that asks whether it still holds. */
  revalidationHeaders(request: CacheRequest): Record<string, string | string[] | undefined>;
  /** What holds after the answer to that. */
  revalidatedPolicy(
    request: CacheRequest,
    response: CacheResponse,
  ): { readonly policy: CachePolicy; readonly modified: boolean };
}

/**
 * What makes policies: the class of the package `http-cache-semantics` fits as it is.
 *
 * @category HTTP client
 */
export type CachePolicyClass = new (
  request: CacheRequest,
  response: CacheResponse,
  options: { readonly shared: boolean },
) => CachePolicy;

/**
 * How an {@linkcode HTTPCache} works.
 *
 * @category HTTP client
 */
export interface HTTPCacheOptions {
  /** What decides what may be kept, and for how long. */
  readonly policy: CachePolicyClass;
  /** Bytes of bodies that are kept; 16 MiB unless given. What was not used longest goes first. */
  readonly maxBytes?: number;
  /**
   * Whether several users share it, so that it keeps nothing private; true unless given. A cache that
   * is not shared but used for several users would show one the other's pages.
   */
  readonly shared?: boolean;
}

/** What is kept of a response: not all of it, which has the request and the body once more. */
interface Entry extends Pick<HTTPResponse, "code" | "reason" | "effectiveUrl"> {
  readonly policy: CachePolicy;
  /** A copy: who got the response may write into its body. */
  readonly body: Uint8Array;
}

const MAX_BYTES = 16 * 1024 * 1024;
/** What an entry takes besides its body, so that empty ones do not come for free. */
const ENTRY_BYTES = 1024;

/**
 * Keeps responses to GET in memory, one for each URL.
 *
 * @example
 * ```ts
 * import { AsyncHTTPClient, HTTPCache } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 * import CachePolicy from "http-cache-semantics";
 *
 * let answers = 0;
 * const headers = { "Cache-Control": "max-age=60" };
 * using client = new AsyncHTTPClient({
 *   cache: new HTTPCache({ policy: CachePolicy }),
 *   fetch: () => Promise.resolve(new Response(`answer ${++answers}`, { headers })),
 * });
 * await client.fetch("http://localhost/");
 * assertEquals((await client.fetch("http://localhost/")).text(), "answer 1");
 * ```
 *
 * @category HTTP client
 */
export class HTTPCache {
  readonly #policy: CachePolicyClass;
  readonly #maxBytes: number;
  readonly #shared: boolean;
  readonly #entries = new AgedMap<string, Entry>();
  #bytes = 0;

  /**
   * Makes an empty cache. Several clients may use it.
   *
   * @throws {TypeError} If an option is unknown or ill-typed, or there is no `policy`.
   * @throws {RangeError} If `maxBytes` is not a number from 0.
   */
  constructor(options: HTTPCacheOptions) {
    checkOptions(options, CACHE_TYPES, "option of HTTPCache");
    const { policy, maxBytes = MAX_BYTES, shared = true } = options;
    if (policy === undefined) {
      throw new TypeError('Cannot make an HTTPCache: set "policy", such as http-cache-semantics');
    }
    this.#policy = policy;
    this.#maxBytes = maxBytes;
    this.#shared = shared;
  }

  /** How many responses are kept. */
  get size(): number {
    return this.#entries.size;
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  /**
   * Answers a request from the cache, asks the server whether that still holds, or sends it.
   *
   * @param request Not changed. One that streams, or is no GET, goes past the cache; a method that
   * changes things drops what is kept of its URL (RFC 9111 §4.4).
   * @param send What sends it.
   */
  async fetch(
    request: HTTPRequest,
    send: (request: HTTPRequest) => Promise<HTTPResponse>,
  ): Promise<HTTPResponse> {
    const key = request.url;
    if (request.method !== "GET" || isStreamed(request)) {
      const response = await send(request);
      if (!isSafe(request.method) && response.code < 400) this.#drop(key);
      return response;
    }
    const asked = toCacheRequest(request);
    const entry = this.#entries.get(key);
    if (entry === undefined) return this.#keep(asked, await send(request));
    if (entry.policy.satisfiesWithoutRevalidation(asked)) return this.#use(entry, request);
    return await this.#revalidate(entry, request, send);
  }

  async #revalidate(
    entry: Entry,
    request: HTTPRequest,
    send: (request: HTTPRequest) => Promise<HTTPResponse>,
  ): Promise<HTTPResponse> {
    const asked = toCacheRequest(request);
    const headers = toHeaders(entry.policy.revalidationHeaders(asked));
    if (!request.headers.has("authorization")) headers.delete("authorization");
    const response = await send(request.with({ headers }));
    if (response.code >= 500) return response;
    const answer = toCacheResponse(response);
    const { policy, modified } = entry.policy.revalidatedPolicy(asked, answer);
    if (modified) return this.#keep(asked, response);
    const renewed = { ...entry, policy };
    this.#put(request.url, renewed);
    return this.#use(renewed, request);
  }

  #keep(asked: CacheRequest, response: HTTPResponse): HTTPResponse {
    const policy = new this.#policy(asked, toCacheResponse(response), { shared: this.#shared });
    const isWhole = response.code !== 206 && response.effectiveUrl === asked.url;
    // A cookie jar adds its cookies later: what depends on them cannot be told apart here.
    const depends = /\bcookie\b/i.test(response.headers.get("vary") ?? "");
    if (isWhole && !depends && policy.storable()) {
      const { code, reason, effectiveUrl } = response;
      this.#put(asked.url, { policy, code, reason, effectiveUrl, body: response.body.slice() });
    }
    return response;
  }

  #use(entry: Entry, request: HTTPRequest): HTTPResponse {
    this.#put(request.url, entry);
    const { code, reason, effectiveUrl } = entry;
    return new HTTPResponse({
      request,
      code,
      reason,
      headers: toHeaders(entry.policy.responseHeaders()),
      body: entry.body.slice(),
      effectiveUrl,
      startTime: Date.now(),
      timeInfo: { queue: 0, firstByte: 0, total: 0 },
    });
  }

  #put(key: string, entry: Entry): void {
    this.#drop(key);
    this.#entries.set(key, entry);
    this.#bytes += sizeOf(entry);
    while (this.#bytes > this.#maxBytes && this.#entries.oldest !== undefined) {
      this.#drop(this.#entries.oldest.key);
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= sizeOf(entry);
  }
}

function isStreamed({ options }: HTTPRequest): boolean {
  return options.streamingCallback !== undefined || options.headerCallback !== undefined;
}

function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

function sizeOf({ body }: Entry): number {
  return body.length + ENTRY_BYTES;
}

/** That somebody in particular asks counts: the answer must not be given to another. */
function toCacheRequest(request: HTTPRequest): CacheRequest {
  const headers = Object.fromEntries(request.headers);
  const { authUsername } = request.options;
  const isKnown = authUsername !== undefined || /\/\/[^/?#]*@/.test(request.url);
  if (isKnown) headers.authorization ??= "credentials";
  return { method: request.method, url: request.url, headers };
}

function toCacheResponse({ code, headers }: HTTPResponse): CacheResponse {
  return { status: code, headers: Object.fromEntries(headers) };
}

function toHeaders(fields: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    for (const item of [value ?? []].flat()) headers.append(name, item);
  }
  return headers;
}
