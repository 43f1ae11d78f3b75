/** One attempt at a request: from the queue to the end of the body. */
import type { AlarmClock } from "./alarm.ts";
import {
  basicAuthorization,
  type Credentials,
  credentialsOf,
  separateCredentials,
} from "./basic_auth.ts";
import { HTTPNoResponseError, HTTPProtocolError } from "./client_error.ts";
import type { ConnectionLimit } from "./connection_limit.ts";
import { type CookieJar, keepCookies, withCookies } from "./cookie_jar.ts";
import { Deadline } from "./deadline.ts";
import { answerChallenge } from "./digest_auth.ts";
import { toClientError } from "./failure.ts";
import { fieldsToSend, type HTTPRequest } from "./http_request.ts";
import { HTTPResponse } from "./http_response.ts";
import { followRedirect, type Hop, isRedirect } from "./redirect.ts";
import { isRepeatable, type OutgoingBody, outgoingBody } from "./request_body.ts";
import { type BodyCallbacks, discardBody, readResponseBody } from "./response_body.ts";
import { announceHead, headersOf, reasonPhrase } from "./response_head.ts";
import type { RetryPolicy } from "./retry.ts";
import type { Transport, Transports } from "./transports.ts";

/** What the attempts of one client share. */
export interface AttemptContext {
  /** The function that sends. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** How many may be under way. */
  readonly limit: ConnectionLimit;
  /** Watches over the timeouts. */
  readonly clock: AlarmClock;
  /** Connections with settings of their own. */
  readonly transports: Transports;
  /** The largest body, unless the request says otherwise. */
  readonly maxBodySize: number;
  /** Cookies that outlive a request. */
  readonly cookieJar: CookieJar | undefined;
  /** How `fetch` is to treat redirects: `"follow"` where the runtime hides them. */
  readonly redirect: "manual" | "follow";
}

const DEFAULT_TIMEOUT = 20_000;
const DEFAULT_REDIRECTS = 5;

/** One attempt. It is used once. */
export class Attempt {
  readonly #request: HTTPRequest;
  readonly #context: AttemptContext;
  readonly #policy: RetryPolicy | undefined;
  readonly #started = performance.now();
  readonly #deadline: Deadline;
  #credentials: Credentials | null = null;
  #transport: Transport | null = null;
  /** Where a place is held. */
  #host: string | null = null;
  #queue = 0;
  #hasSent = false;

  /** Prepares an attempt; its time begins to run. */
  constructor(request: HTTPRequest, context: AttemptContext, policy?: RetryPolicy) {
    const { requestTimeout = DEFAULT_TIMEOUT, signal } = request.options;
    this.#request = request;
    this.#context = context;
    this.#policy = policy;
    this.#deadline = new Deadline(requestTimeout, {
      clock: context.clock,
      started: this.#started,
      outer: signal,
    });
  }

  /**
   * Sends the request and reads the response.
   *
   * @throws {HTTPClientError} If there is no response. What a callback of the request throws, and the
   * reason of its signal, come out as they are.
   */
  async run(): Promise<HTTPResponse> {
    const { signal } = this.#deadline;
    try {
      signal.throwIfAborted();
      let hop = this.#firstHop();
      const host = this.#hostOf(hop);
      const { limit } = this.#context;
      if (!limit.tryEnter(host)) {
        await limit.enter(host, signal);
        this.#queue = performance.now() - this.#started;
      }
      this.#host = host;
      for (let redirects = 0;; redirects++) {
        const response = await this.#exchange(hop);
        const next = this.#redirect(hop, response, redirects);
        if (next === null) return await this.#read(hop, response);
        await discardBody(response);
        await this.#enterHostOf(next);
        hop = next;
      }
    } catch (error) {
      // What the abort has broken reports it in words of its own.
      const failure = signal.aborted ? signal.reason : error;
      // A response that nobody has read would keep its connection.
      this.#deadline.abort(failure);
      throw failure;
    } finally {
      this.#leave();
      this.#transport?.[Symbol.dispose]();
      this.#deadline[Symbol.dispose]();
    }
  }

  #firstHop(): Hop {
    const request = this.#request;
    const { url, credentials } = separateCredentials(request.url);
    const fields = fieldsToSend(request);
    this.#credentials = credentialsOf(request.options, credentials);
    return { url, method: request.method, fields, sendsBody: true, isTrusted: true };
  }

  #hostOf({ url }: Hop): string {
    return this.#context.limit.limitsHosts ? new URL(url).host : "";
  }

  /** Where to go on; `null` at the end. */
  #redirect(hop: Hop, response: Response, redirects: number): Hop | null {
    const { status } = response;
    if (!isRedirect(status)) return null;
    const { followRedirects = true, maxRedirects = DEFAULT_REDIRECTS } = this.#request.options;
    const location = response.headers.get("location");
    if (location === null || !followRedirects || redirects >= maxRedirects) return null;
    return followRedirect(hop, status, location);
  }

  /** A place at another host is waited for without keeping the old one, or two could wait forever. */
  async #enterHostOf(hop: Hop): Promise<void> {
    const host = this.#hostOf(hop);
    if (host === this.#host) return;
    this.#leave();
    await this.#context.limit.enter(host, this.#deadline.signal);
    this.#host = host;
  }

  #leave(): void {
    if (this.#host !== null) this.#context.limit.leave(this.#host);
    this.#host = null;
  }

  #exchange(hop: Hop): Promise<Response> {
    const isPlain = this.#context.cookieJar === undefined && this.#credentials === null;
    return isPlain ? this.#send(hop, hop.fields) : this.#identify(hop);
  }

  /** Sends once, and once more where the server wants to be told who asks. */
  async #identify(hop: Hop): Promise<Response> {
    const { cookieJar } = this.#context;
    const isDigest = this.#request.options.authMode === "digest";
    const credentials = hop.isTrusted ? this.#credentials : null;
    const authorization = credentials === null || isDigest ? null : basicAuthorization(credentials);
    const fields = cookieJar === undefined ? hop.fields : await withCookies(cookieJar, hop);
    const response = await this.#send(hop, withAuthorization(fields, authorization));
    if (cookieJar !== undefined) await keepCookies(cookieJar, hop.url, response.headers);
    if (credentials === null || !isDigest || response.status !== 401) return response;
    const answer = answerChallenge(response.headers.get("www-authenticate"), {
      ...credentials,
      method: hop.method,
      url: hop.url,
    });
    if (answer === null) return response;
    await discardBody(response);
    return await this.#send(hop, withAuthorization(fields, answer));
  }

  async #send(hop: Hop, fields: Headers | undefined): Promise<Response> {
    const deadline = this.#deadline;
    const body = hop.sendsBody ? this.#body() : null;
    const { redirect } = this.#context;
    // Each member costs: what is the default is left out.
    const init: RequestInit & { duplex?: "half" } = { redirect, signal: deadline.signal };
    if (hop.method !== "GET") init.method = hop.method;
    if (fields !== undefined) init.headers = fields;
    if (body !== null) {
      init.body = body.content;
      // Runtimes other than Deno refuse a stream without it.
      init.duplex = "half";
    }
    this.#connect(init, hop.isTrusted);
    deadline.connecting(this.#request.options.connectTimeout ?? 0);
    try {
      return checkResponse(await this.#context.fetch(hop.url, init));
    } catch (error) {
      if (!URL.canParse(hop.url)) throw error;
      const failure = body?.failure();
      throw failure === undefined ? toClientError(error, "Cannot get a response") : failure.error;
    } finally {
      deadline.connected();
    }
  }

  #body(): OutgoingBody | null {
    const request = this.#request;
    const { body, options: { bodyProducer } } = request;
    if (body === null && bodyProducer === undefined) return null;
    if (this.#hasSent && bodyProducer === undefined && !isRepeatable(body)) {
      throw new HTTPNoResponseError("Cannot send the body again: it is a stream; use bodyProducer");
    }
    this.#hasSent = true;
    return outgoingBody(request, () => this.#deadline.connected());
  }

  #connect(init: RequestInit, isTrusted: boolean): void {
    this.#transport?.[Symbol.dispose]();
    this.#transport = this.#context.transports.take(this.#request.options, isTrusted);
    if (this.#transport !== null) Object.assign(init, this.#transport.connections.init);
  }

  #read(hop: Hop, response: Response): Promise<HTTPResponse> {
    const request = this.#request;
    const { headerCallback, maxBodySize = this.#context.maxBodySize } = request.options;
    const firstByte = performance.now() - this.#started - this.#queue;
    const headers = headersOf(response, hop.fields);
    if (headerCallback !== undefined) announceHead(response, headers, headerCallback);
    const reading = readResponseBody(response, this.#callbacks(response), maxBodySize);
    return reading.then((body) =>
      new HTTPResponse({
        request,
        code: response.status,
        reason: reasonPhrase(response.status),
        headers,
        body,
        effectiveUrl: response.redirected ? response.url : hop.url,
        startTime: performance.timeOrigin + this.#started,
        timeInfo: { queue: this.#queue, firstByte, total: performance.now() - this.#started },
      })
    );
  }

  #callbacks(response: Response): BodyCallbacks {
    const { options } = this.#request;
    const { streamingCallback, ...others } = options;
    const policy = this.#policy;
    if (streamingCallback === undefined || policy === undefined) return options;
    if (!policy.isFinal(response.status)) return others;
    const deliver = (chunk: Uint8Array) => {
      policy.stop();
      return streamingCallback(chunk);
    };
    return { ...others, streamingCallback: deliver };
  }
}

function withAuthorization(
  fields: Headers | undefined,
  authorization: string | null,
): Headers | undefined {
  if (authorization === null) return fields;
  const all = new Headers(fields);
  all.set("authorization", authorization);
  return all;
}

/** A status below 200 is no answer to what was asked: the runtime lets 101 through. */
function checkResponse(response: Response): Response {
  if (response.status >= 200) return response;
  throw new HTTPProtocolError(`Cannot use a response of status ${response.status}`);
}
