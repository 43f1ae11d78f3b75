/** The HTTP client. */
import { redirectsAreVisible, requireConnectionPool } from "../platform/connection_pool.ts";
import { type RepeatedFetch, repeatedFetch } from "../platform/repeated_fetch.ts";
import { UnsupportedFeatureError } from "../platform/unsupported_feature_error.ts";
import { checkOptions } from "../checks/option_check.ts";
import { withDefaults } from "../checks/option_defaults.ts";
import { AlarmClock } from "./attempt/alarm.ts";
import { Attempt, type AttemptContext } from "./attempt/attempt.ts";
import { HTTPClientError } from "./client_error.ts";
import { RequestLimit } from "./attempt/request_limit.ts";
import type { CookieJar } from "./cookie_jar.ts";
import { mapConcurrently } from "./fetch_all.ts";
import type { HTTPCache } from "./http_cache.ts";
import {
  checkRequestOptions,
  HTTPRequest,
  type HTTPRequestOptions,
  NO_OPTIONS,
} from "./http_request.ts";
import type { HTTPResponse } from "./http_response.ts";
import { CLIENT_TYPES, FETCH_ALL_TYPES, FETCH_TYPES } from "./option_types.ts";
import { pause, RetryPolicy } from "./attempt/retry.ts";
import { connectionSettings, Transports } from "./attempt/transports.ts";

/**
 * What can be fetched: a URL, or a request.
 *
 * @category HTTP client
 */
export type Fetchable = string | URL | HTTPRequest;

/**
 * How an {@linkcode AsyncHTTPClient} works.
 *
 * @category HTTP client
 */
export interface AsyncHTTPClientOptions {
  /** Requests under way at a time; 10 unless given. The others wait, first come, first served. */
  readonly maxClients?: number;
  /** Requests under way at a time to one host and port; no limit of its own unless given. */
  readonly maxClientsPerHost?: number;
  /** The largest body of a response in bytes, after decoding; 100 MiB unless given. */
  readonly maxBodySize?: number;
  /** What requests say unless they say otherwise. */
  readonly defaults?: HTTPRequestOptions;
  /** Keeps cookies, such as `CookieJar` of the package `tough-cookie`; none unless given. */
  readonly cookieJar?: CookieJar;
  /** Keeps responses; none unless given. */
  readonly cache?: HTTPCache;
  /** What sends, in place of the runtime's `fetch`: for tests. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/**
 * Options of `AsyncHTTPClient.fetch`.
 *
 * @category HTTP client
 */
export interface FetchOptions extends HTTPRequestOptions {
  /** Whether a status other than 200 to 299 is thrown as an `HTTPClientError`; true unless given. */
  readonly raiseError?: boolean;
}

/**
 * Options of `AsyncHTTPClient.fetchAll`.
 *
 * @category HTTP client
 */
export interface FetchAllOptions extends FetchOptions {
  /** How many are fetched at a time; all unless given. `maxClients` holds besides. */
  readonly concurrency?: number;
}

/** What `configure()` was told last. */
let configured: AsyncHTTPClientOptions = {};

const MAX_CLIENTS = 10;
const MAX_BODY_SIZE = 100 * 1024 * 1024;

/**
 * Fetches without blocking (`tornado.httpclient.AsyncHTTPClient`), on the runtime's own `fetch`.
 *
 * @example
 * ```ts
 * import { Application, AsyncHTTPClient, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Hello extends RequestHandler {
 *   override get() {
 *     this.write("Hello, world");
 *   }
 * }
 *
 * await using server = new Application([["/", Hello]])
 *   .listen(0, { hostname: "127.0.0.1", handleSignals: false });
 * using client = new AsyncHTTPClient();
 * const response = await client.fetch(`http://127.0.0.1:${server.port}/`);
 * assertEquals([response.code, response.text()], [200, "Hello, world"]);
 * ```
 *
 * @category HTTP client
 */
export class AsyncHTTPClient implements Disposable {
  /** What requests say unless they say otherwise. */
  readonly defaults: HTTPRequestOptions;

  readonly #context: AttemptContext;
  readonly #cache: HTTPCache | undefined;
  readonly #hasDefaults: boolean;
  #closed = false;

  /**
   * Sets what the clients that are made from now on do unless they are told otherwise, wherever in
   * the process (`tornado.httpclient.AsyncHTTPClient.configure`). What was set before is forgotten, so
   * that `configure({})` undoes it. A client's own `defaults` are taken one by one before those here.
   *
   * @param options As for the constructor.
   * @throws {TypeError} If an option is unknown or ill-typed.
   * @throws {RangeError} If a number is out of its range.
   *
   * @example
   * ```ts
   * import { AsyncHTTPClient } from "@gustnado/gustnado";
   * import { assertEquals } from "@std/assert";
   *
   * AsyncHTTPClient.configure({ maxClients: 100, defaults: { userAgent: "Weather/1.0" } });
   * using client = new AsyncHTTPClient();
   * assertEquals(client.defaults.userAgent, "Weather/1.0");
   * AsyncHTTPClient.configure({});
   * ```
   */
  static configure(options: AsyncHTTPClientOptions): void;
  /**
   * Sets it in Tornado's way.
   *
   * @param implementation `null`: there is one, and `options.fetch` replaces what sends.
   * @param options As for the constructor.
   */
  static configure(implementation: null, options?: AsyncHTTPClientOptions): void;
  static configure(
    first: AsyncHTTPClientOptions | null,
    options: AsyncHTTPClientOptions = {},
  ): void {
    const given = first ?? options;
    if (typeof given !== "object") {
      throw new TypeError(
        "Cannot configure() another implementation of AsyncHTTPClient: pass null for it, and " +
          'replace what sends with the option "fetch"',
      );
    }
    checkClientOptions(given);
    configured = { ...given };
  }

  /**
   * Makes a client. It opens nothing yet.
   *
   * @param options What it does otherwise than `configure()` said. What is `undefined` is not given.
   * @throws {TypeError} If an option is unknown or ill-typed.
   * @throws {RangeError} If a number is out of its range.
   * @throws {UnsupportedFeatureError} If the runtime cannot do what the defaults ask for.
   */
  constructor(options: AsyncHTTPClientOptions = {}) {
    checkClientOptions(options);
    const { maxClients = MAX_CLIENTS, maxClientsPerHost = Infinity, ...rest } = withDefaults(
      configured,
      options,
    );
    const defaults = withDefaults(
      configured.defaults ?? NO_OPTIONS,
      options.defaults ?? NO_OPTIONS,
    );
    const redirect = redirectsAreVisible() ? "manual" : "follow";
    this.defaults = defaults;
    this.#cache = rest.cache;
    this.#hasDefaults = Object.keys(defaults).length > 0;
    this.#context = {
      fetch: senderOf(rest.fetch, redirect),
      hasOwnFetch: rest.fetch !== undefined,
      limit: new RequestLimit({ maxClients, maxClientsPerHost }),
      clock: new AlarmClock({ shared: true }),
      wakefulClock: new AlarmClock({ shared: false }),
      transports: new Transports(),
      maxBodySize: rest.maxBodySize ?? MAX_BODY_SIZE,
      cookieJar: rest.cookieJar,
      hidesRedirects: redirect === "follow",
      timeOrigin: performance.timeOrigin,
    };
    checkSupport(defaults);
  }

  /**
   * Fetches a URL.
   *
   * @param request A URL, or a request. It is not changed.
   * @param options What else to say of the request. With an `HTTPRequest`, only `raiseError`.
   * @returns The response, with its body.
   * @throws {HTTPClientError} If the status is not a success and `raiseError` is not false; and, with
   * the code 599, if there is no response.
   * @throws {TypeError} If the request cannot be sent as it is, or an option is unknown or ill-typed.
   * @throws {RangeError} If a number is out of its range.
   */
  fetch(request: Fetchable, options: FetchOptions = NO_OPTIONS): Promise<HTTPResponse> {
    try {
      if (options === NO_OPTIONS || !("raiseError" in options)) {
        return this.#fetch(this.#prepare(request, options), true);
      }
      const { raiseError, ...rest } = options;
      checkOptions({ raiseError }, FETCH_TYPES, "option of fetch()");
      return this.#fetch(this.#prepare(request, rest), raiseError !== false);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Fetches many URLs at once.
   *
   * @param requests URLs or requests.
   * @param options As for `fetch`, and how many at a time.
   * @returns The responses, in the order of the requests. The first that fails cancels the others,
   * and its error is thrown.
   *
   * @example
   * ```ts
   * import { AsyncHTTPClient } from "@gustnado/gustnado";
   * import { assertEquals } from "@std/assert";
   *
   * using client = new AsyncHTTPClient({ fetch: async (url) => new Response(url) });
   * const responses = await client.fetchAll(["http://a/", "http://b/"], { concurrency: 2 });
   * assertEquals(responses.map((response) => response.text()), ["http://a/", "http://b/"]);
   * ```
   */
  async fetchAll(
    requests: Iterable<Fetchable>,
    options: FetchAllOptions = {},
  ): Promise<HTTPResponse[]> {
    checkOptions(options, FETCH_ALL_TYPES, "option of fetchAll()");
    const { concurrency = Infinity, raiseError = true, signal: outer, ...rest } = options;
    return await mapConcurrently([...requests], (request, signal) => {
      return this.fetch(requestWith(request, { ...rest, signal }), { raiseError });
    }, { concurrency, signal: outer });
  }

  /**
   * Fetches many URLs at once, whatever becomes of each.
   *
   * @param requests URLs or requests.
   * @param options As for `fetch`, and how many at a time.
   * @returns What became of each, in the order of the requests, as `Promise.allSettled` gives it.
   */
  async fetchAllSettled(
    requests: Iterable<Fetchable>,
    options: FetchAllOptions = {},
  ): Promise<PromiseSettledResult<HTTPResponse>[]> {
    checkOptions(options, FETCH_ALL_TYPES, "option of fetchAllSettled()");
    const { concurrency = Infinity, raiseError = true, ...rest } = options;
    return await mapConcurrently([...requests], async (request) => {
      const fetching = this.fetch(requestWith(request, rest), { raiseError });
      const [result] = await Promise.allSettled([fetching]);
      return result;
    }, { concurrency });
  }

  /**
   * Closes the connections that have settings of their own, on which what is under way fails, and the
   * client's timer. Nothing more can be fetched.
   */
  close(): void {
    this.#closed = true;
    this.#context.clock.close();
    this.#context.wakefulClock.close();
    this.#context.transports.close();
  }

  /** Closes the client. */
  [Symbol.dispose](): void {
    this.close();
  }

  #fetch(request: HTTPRequest, raiseError: boolean): Promise<HTTPResponse> {
    if (this.#closed) throw new Error("Cannot fetch(): the client is closed");
    if (this.#cache === undefined && request.options.retry === undefined) {
      // It raises by itself: a promise more would show in what a fetch costs.
      return new Attempt(request, this.#context, { raiseError }).run();
    }
    const response = this.#cache === undefined
      ? this.#send(request)
      : this.#cache.fetch(request, (request) => this.#send(request));
    return raiseError ? response.then(successful) : response;
  }

  #prepare(request: Fetchable, options: HTTPRequestOptions): HTTPRequest {
    if (!(request instanceof HTTPRequest)) {
      return new HTTPRequest(
        request,
        this.#hasDefaults ? withDefaults(this.defaults, options) : options,
      );
    }
    refuseOptions(options);
    if (!this.#hasDefaults) return request;
    return new HTTPRequest(request.url, withDefaults(this.defaults, request.options));
  }

  #send(request: HTTPRequest): Promise<HTTPResponse> {
    const { retry } = request.options;
    if (retry === undefined) return new Attempt(request, this.#context).run();
    return this.#persist(request, new RetryPolicy(request, retry));
  }

  /** Tries until there is a success, an answer that is final, or no try left. */
  async #persist(request: HTTPRequest, policy: RetryPolicy): Promise<HTTPResponse> {
    for (let tries = 1;; tries++) {
      const outcome = await this.#try(request, policy);
      const error = outcome instanceof HTTPClientError ? outcome : outcome.error;
      const delay = error === null ? null : policy.delayAfter(tries, error);
      if (delay !== null) await pause(delay, request.options.signal);
      else if (outcome instanceof HTTPClientError) throw outcome;
      else return outcome;
    }
  }

  async #try(request: HTTPRequest, policy: RetryPolicy): Promise<HTTPResponse | HTTPClientError> {
    try {
      return await new Attempt(request, this.#context, { policy }).run();
    } catch (error) {
      if (error instanceof HTTPClientError) return error;
      throw error;
    }
  }
}

function senderOf(
  own: AsyncHTTPClientOptions["fetch"],
  redirect: "manual" | "follow",
): RepeatedFetch {
  if (own === undefined) return repeatedFetch(redirect);
  return (url, init) => own(url, { ...init, redirect });
}

function successful(response: HTTPResponse): HTTPResponse {
  response.rethrow();
  return response;
}

/** Tornado refuses them too: it would not be clear which of the two counts. */
function refuseOptions(options: HTTPRequestOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    throw new TypeError(
      `Cannot fetch() an HTTPRequest with the option ${name}: set it on the request`,
    );
  }
}

function requestWith(request: Fetchable, options: HTTPRequestOptions): HTTPRequest {
  if (!(request instanceof HTTPRequest)) return new HTTPRequest(request, options);
  const { signal, ...rest } = options;
  refuseOptions(rest);
  if (signal === undefined) return request;
  const own = request.options.signal;
  const both = own === undefined ? signal : AbortSignal.any([own, signal]);
  return request.with({ signal: both });
}

function checkClientOptions(options: AsyncHTTPClientOptions): void {
  checkOptions(options, CLIENT_TYPES, "option of AsyncHTTPClient");
  if (options.defaults !== undefined) checkRequestOptions(options.defaults);
}

/** What the runtime cannot do is refused before anything is sent. */
function checkSupport(options: HTTPRequestOptions): void {
  const settings = connectionSettings(options, true);
  if (settings !== null) requireConnectionPool(settings);
  const controls = options.followRedirects === false || options.maxRedirects !== undefined;
  if (controls && !redirectsAreVisible()) {
    throw new UnsupportedFeatureError("followRedirects and maxRedirects", "Deno or workerd");
  }
}
