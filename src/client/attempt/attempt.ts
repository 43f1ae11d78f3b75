/** One attempt at a request: from the queue to the end of the body. */
import { reportRejection } from "../../concurrent/coroutine/promise_like.ts";
import { logApplicationError } from "../../log.ts";
import type { AlarmClock } from "./alarm.ts";
import { formatBasicCredentials } from "../../http/fields/basic_credentials.ts";
import {
  type Credentials,
  credentialsOf,
  separateCredentials,
  urlError,
} from "../credentials/credentials.ts";
import { HTTPNoResponseError, HTTPProtocolError } from "../client_error.ts";
import type { RequestLimit } from "./request_limit.ts";
import { type CookieJar, keepCookies, withCookies } from "../cookie_jar.ts";
import { Deadline } from "./deadline.ts";
import { answerChallenge } from "../credentials/digest_auth.ts";
import { toClientError } from "./fetch_failure.ts";
import { fieldsToSend, type HTTPRequest } from "../http_request.ts";
import { HTTPResponse } from "../http_response.ts";
import { followRedirect, type Hop, isRedirect } from "./redirect.ts";
import { isRepeatable, type OutgoingBody, outgoingBody } from "./request_body.ts";
import {
  type BodyCallbacks,
  declaredLength,
  discardBody,
  readResponseBody,
} from "./response_body.ts";
import { announceHead, decodedHeaders } from "./response_head.ts";
import { reasonPhrase } from "../../http/status_text.ts";
import type { RetryPolicy } from "./retry.ts";
import type { Transport, Transports } from "./transports.ts";

/** What the attempts of one client share. */
export interface AttemptContext {
  /** The function that sends. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** How many may be under way. */
  readonly limit: RequestLimit;
  /** Watches over the timeouts of what waits for the network alone, which keeps the process alive. */
  readonly clock: AlarmClock;
  /** Watches over those of what waits for the caller, who may keep nothing alive. */
  readonly wakefulClock: AlarmClock;
  /** Whether `fetch` is the caller's own. */
  readonly hasOwnFetch: boolean;
  /** Connections with settings of their own. */
  readonly transports: Transports;
  /** The largest body, unless the request says otherwise. */
  readonly maxBodySize: number;
  /** Cookies that outlive a request. */
  readonly cookieJar: CookieJar | undefined;
  /** Whether the runtime hides redirects, and follows them by itself. */
  readonly hidesRedirects: boolean;
  /** What times are counted from, in milliseconds since the epoch. */
  readonly timeOrigin: number;
}

/** What is known of a response before its body is read. */
interface Head {
  readonly status: number;
  readonly headers: Headers;
  /** Whether the body was sent in a coding, and perhaps is decoded already. */
  readonly isCoded: boolean;
  readonly url: string;
  readonly firstByte: number;
}

/** What is done with what comes of an attempt. */
export interface AttemptOptions {
  /** Whether a status that is no success is thrown. */
  readonly raiseError?: boolean;
  /** Decides on a further attempt. */
  readonly policy?: RetryPolicy;
}

const DEFAULT_TIMEOUT = 20_000;
const DEFAULT_REDIRECTS = 5;

/** One attempt. It is used once. */
export class Attempt {
  readonly #request: HTTPRequest;
  readonly #context: AttemptContext;
  readonly #options: AttemptOptions;
  readonly #started = performance.now();
  readonly #deadline: Deadline;
  #credentials: Credentials | null = null;
  #transport: Transport | null = null;
  /** What is being sent, until its answer begins. */
  #sending: Hop | null = null;
  /** The body that goes with it. */
  #outgoing: OutgoingBody | null = null;
  /** Whether the body is being read, without a callback. */
  #isReading = false;
  /** Where a place is held. */
  #host: string | null = null;
  #queue = 0;
  #hasSent = false;
  /** Whether what is waited for may be up to the caller, and never come. */
  readonly #waitsForCaller: boolean;
  /** What a callback has failed with that nobody waits for. */
  #failure: { readonly error: unknown } | null = null;
  #isOver = false;

  /** Prepares an attempt; its time begins to run. */
  constructor(request: HTTPRequest, context: AttemptContext, options: AttemptOptions = {}) {
    const { requestTimeout = DEFAULT_TIMEOUT, signal, streamingCallback } = request.options;
    const { clock, wakefulClock, hasOwnFetch, cookieJar } = context;
    this.#request = request;
    this.#context = context;
    this.#options = options;
    this.#waitsForCaller = hasOwnFetch || cookieJar !== undefined ||
      streamingCallback !== undefined;
    this.#deadline = new Deadline(requestTimeout, {
      clock: this.#waitsForCaller ? wakefulClock : clock,
      started: this.#started,
      outer: signal,
    });
  }

  /**
   * Sends the request and reads the response.
   *
   * @throws {HTTPClientError} If there is no response, or none that may be returned. What a callback
   * of the request throws, and the reason of its signal, come out as they are.
   */
  run(): Promise<HTTPResponse> {
    const response = this.#run();
    return this.#waitsForCaller ? this.#deadline.race(response, () => this.#end()) : response;
  }

  async #run(): Promise<HTTPResponse> {
    const { signal } = this.#deadline;
    try {
      this.#request.options.signal?.throwIfAborted();
      let hop = this.#firstHop();
      const host = this.#hostOf(hop);
      const { limit } = this.#context;
      if (!limit.tryEnter(host)) {
        await this.#enter(host);
        this.#queue = performance.now() - this.#started;
      } else this.#host = host;
      this.#deadline.phase = "during the request";
      for (let redirects = 0;; redirects++) {
        const response = this.#received(await this.#exchange(hop));
        const next = this.#redirect(hop, response, redirects);
        if (next === null) {
          const head = this.#open(hop, response);
          return this.#respond(head, await this.#read(response, head));
        }
        await discardBody(response);
        await this.#enterHostOf(next);
        hop = next;
      }
    } catch (error) {
      // What the abort has broken reports it in words of its own.
      const failure = signal.aborted ? signal.reason : this.#explain(error);
      // A response that nobody has read would keep its connection.
      this.#deadline.abort(failure);
      throw failure;
    } finally {
      this.#end();
    }
  }

  /** Gives back what is held. What never settles may come to it later than the end, or never. */
  #end(): void {
    this.#isOver = true;
    this.#leave();
    this.#disconnect();
    this.#deadline[Symbol.dispose]();
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
    await this.#enter(host);
  }

  async #enter(host: string): Promise<void> {
    const { signal } = this.#deadline;
    this.#deadline.phase = "in the request queue";
    await this.#context.limit.enter(host, signal);
    this.#host = host;
    // The place and the end may have come at the same time.
    signal.throwIfAborted();
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
    const authorization = credentials === null || isDigest
      ? null
      : formatBasicCredentials(credentials);
    const fields = cookieJar === undefined ? hop.fields : await withCookies(cookieJar, hop);
    const sent = await this.#send(hop, withAuthorization(fields, authorization));
    const response = this.#received(sent);
    if (cookieJar !== undefined) await keepCookies(cookieJar, hop.url, response.headers);
    if (credentials === null || !isDigest || response.status !== 401) return response;
    const answer = answerChallenge(response.headers.get("www-authenticate"), {
      ...credentials,
      method: hop.method,
      url: hop.url,
    });
    if (answer === null) return response;
    await discardBody(response);
    const answered = this.#received(await this.#send(hop, withAuthorization(fields, answer)));
    if (cookieJar !== undefined) await keepCookies(cookieJar, hop.url, answered.headers);
    return answered;
  }

  /** Sends. What comes is for {@linkcode #received}, what fails for {@linkcode #explain}. */
  #send(hop: Hop, fields: Headers | undefined): Promise<Response> {
    const deadline = this.#deadline;
    // What was waited for before may have come too late, and a fetch of the caller's own not look.
    deadline.signal.throwIfAborted();
    const body = hop.sendsBody ? this.#body() : null;
    // Each member costs: what is the default is left out.
    const init: RequestInit & { duplex?: "half" } = { signal: deadline.signal };
    if (hop.method !== "GET") init.method = hop.method;
    if (fields !== undefined) init.headers = fields;
    if (body !== null) {
      init.body = body.content;
      // Runtimes other than Deno refuse a stream without it.
      init.duplex = "half";
    }
    this.#connect(init, hop.isTrusted);
    deadline.connecting(this.#request.options.connectTimeout ?? 0);
    this.#sending = hop;
    this.#outgoing = body;
    return this.#context.fetch(hop.url, init);
  }

  #received(response: Response): Response {
    this.#sending = null;
    this.#deadline.connected();
    // It is no answer to what was asked: the runtime lets 101 through.
    if (response.status >= 200) return response;
    throw new HTTPProtocolError(`Cannot use a response of status ${response.status}`);
  }

  /** What the runtime throws, in the client's own terms; what callbacks throw as it is. */
  #explain(error: unknown): unknown {
    if (this.#isReading) return toClientError(error, "Cannot read the body");
    if (this.#sending === null) return error;
    const { url } = this.#sending;
    if (!URL.canParse(url)) return urlError(url);
    const failure = this.#outgoing?.failure();
    return failure === undefined ? toClientError(error, "Cannot get a response") : failure.error;
  }

  #body(): OutgoingBody | null {
    const request = this.#request;
    const { body, options: { bodyProducer } } = request;
    if (body === null && bodyProducer === undefined) return null;
    if (this.#hasSent && bodyProducer === undefined && !isRepeatable(body)) {
      throw new HTTPNoResponseError("Cannot send the body again: it is a stream; use bodyProducer");
    }
    this.#hasSent = true;
    return outgoingBody(request, {
      onTaken: () => this.#deadline.connected(),
      watch: (result) => this.#watch(result),
    });
  }

  #disconnect(): void {
    this.#transport?.[Symbol.dispose]();
    this.#transport = null;
  }

  #connect(init: RequestInit, isTrusted: boolean): void {
    this.#disconnect();
    this.#transport = this.#context.transports.take(this.#request.options, isTrusted);
    if (this.#transport !== null) Object.assign(init, this.#transport.connections.init);
  }

  #open(hop: Hop, response: Response): Head {
    const { status, headers: fields } = response;
    const firstByte = performance.now() - this.#started - this.#queue;
    const isCoded = fields.has("content-encoding");
    const headers = isCoded ? decodedHeaders(response, hop.fields) : fields;
    const { headerCallback } = this.#request.options;
    if (headerCallback !== undefined) {
      announceHead(response, headers, (line) => this.#watch(headerCallback(line)));
    }
    // Only a runtime that follows by itself leads away from what was asked for.
    const url = this.#context.hidesRedirects ? response.url : hop.url;
    return { status, headers, isCoded, url, firstByte };
  }

  #read(response: Response, { status, headers, isCoded }: Head): Promise<Uint8Array> {
    const { maxBodySize = this.#context.maxBodySize } = this.#request.options;
    const callbacks = this.#callbacks(status);
    const length = isCoded ? null : declaredLength(headers);
    this.#isReading = callbacks === null;
    const { signal } = this.#deadline;
    return readResponseBody(response, { callbacks, length, maxBodySize, signal });
  }

  #respond({ status, headers, url, firstByte }: Head, body: Uint8Array): HTTPResponse {
    const response = new HTTPResponse({
      request: this.#request,
      code: status,
      reason: reasonPhrase(status),
      headers,
      body,
      effectiveUrl: url,
      startTime: this.#context.timeOrigin + this.#started,
      timeInfo: { queue: this.#queue, firstByte, total: performance.now() - this.#started },
    });
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#options.raiseError === true) response.rethrow();
    return response;
  }

  /** A promise of a callback that nobody waits for fails the attempt if it rejects in time. */
  #watch(result: unknown): void {
    reportRejection(result, (error) => {
      if (this.#isOver) return logApplicationError("Exception in a callback of fetch()", error);
      this.#failure ??= { error };
      this.#deadline.abort(error);
    });
  }

  /** Who gets the body as it comes; `null` if nobody does. */
  #callbacks(status: number): BodyCallbacks | null {
    const { streamingCallback, downloadProgress } = this.#request.options;
    const { policy } = this.#options;
    const streams = streamingCallback !== undefined && policy?.isFinal(status) !== false;
    if (!streams && downloadProgress === undefined) return null;
    return {
      ...downloadProgress !== undefined && {
        downloadProgress: (received, length) => this.#watch(downloadProgress(received, length)),
      },
      ...streams && {
        streamingCallback: (chunk) => {
          policy?.stop();
          return streamingCallback(chunk);
        },
      },
    };
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
