/** One HTTP request that is passed on, and its response. */
import { toClientError } from "../client/attempt/fetch_failure.ts";
import { generalLog } from "../log.ts";
import { BrokenOffError } from "../server/unhandled_errors.ts";
import { HTTPError } from "../web/http_error.ts";
import type { HTTPServerRequest } from "../web/request/http_server_request.ts";
import { responseFields } from "./forwarded_fields.ts";
import { SilenceWatch } from "./silence_watch.ts";
import type { UpstreamUrl } from "./upstream_url.ts";

/** How a request is passed on. */
export interface RelayOptions {
  /** The server behind. */
  readonly upstream: UpstreamUrl;
  /** The URL there. */
  readonly url: string;
  /** The fields that it is sent with. */
  readonly headers: Headers;
  /** Milliseconds for which it may be silent. */
  readonly timeout: number;
  /** What `ConnectionPool.init` has, if anything. */
  readonly connections: Readonly<Record<string, unknown>> | undefined;
}

/** A body up to this many bytes is passed on in one piece, with its length: not every server takes chunks. */
const SMALL = 64 * 1024;
/** No body follows these (RFC 9110 §6.4.1). */
const WITHOUT_BODY = new Set([204, 205, 304]);

/** Passes a request on, its body as it arrives, and answers with the response as it arrives. */
export class RelayedRequest {
  readonly #request: HTTPServerRequest;
  readonly #options: RelayOptions;
  readonly #ending = new AbortController();
  readonly #silence: SilenceWatch;
  readonly #leave = () => this.#ending.abort(this.#request.signal.reason);
  /** What was wrong with the body of the request, which `fetch` tells in its own way. */
  #refusal: { readonly error: unknown } | undefined;

  /**
   * @param request What came.
   * @param options How it is passed on.
   */
  constructor(request: HTTPServerRequest, options: RelayOptions) {
    this.#request = request;
    this.#options = options;
    this.#silence = new SilenceWatch(options.timeout, () => {
      this.#ending.abort(new DOMException("The upstream is silent", "TimeoutError"));
    });
  }

  /**
   * Sends it.
   *
   * @returns The response, of which no more than the head has come.
   * @throws {HTTPError} 502 if the server behind cannot be reached or breaks off, 504 if it is silent.
   */
  async send(): Promise<Response> {
    const { signal } = this.#request;
    signal.addEventListener("abort", this.#leave, { once: true });
    try {
      signal.throwIfAborted();
      const body = await this.#body();
      this.#silence.expect();
      const { url, headers, connections } = this.#options;
      const { method } = this.#request;
      const init = { method, headers, body, redirect: "manual", signal: this.#ending.signal };
      return await this.#answer(await fetch(url, { ...init, ...connections } as RequestInit));
    } catch (error) {
      this.#end();
      throw this.#explain(error);
    }
  }

  async #body(): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null> {
    const { method, raw } = this.#request;
    if (method === "GET" || method === "HEAD" || raw.body === null) return null;
    const { stream } = this.#request;
    const length = this.#request.header("content-length");
    const isSmall = length !== null && Number(length) <= SMALL &&
      this.#request.header("content-encoding") === null;
    return isSmall
      ? new Uint8Array(await new Response(stream).arrayBuffer())
      : this.#watched(stream);
  }

  /** The body as it arrives. While the client is waited for, the server behind may be silent. */
  #watched(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = stream.getReader();
    return new ReadableStream({
      pull: async (controller) => {
        this.#silence.pause();
        try {
          const { done, value } = await reader.read();
          this.#silence.expect();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          this.#refusal = { error };
          controller.error(error);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
  }

  async #answer(response: Response): Promise<Response> {
    const headers = responseFields(response.headers);
    const location = headers.get("location");
    if (location !== null) headers.set("location", this.#options.upstream.back(location));
    // The runtime cannot send a 205, which means no more to a client than a 204.
    const status = response.status === 205 ? 204 : response.status;
    const { body } = response;
    if (body === null || WITHOUT_BODY.has(response.status) || this.#request.method === "HEAD") {
      body?.cancel().catch(() => {});
      this.#end();
      return new Response(null, { status, headers });
    }
    return new Response(await this.#content(body, headers), { status, headers });
  }

  /** A small body whole, which is cheaper, and can still be answered with 502 if it breaks off. */
  async #content(
    body: ReadableStream<Uint8Array>,
    headers: Headers,
  ): Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>> {
    const length = headers.get("content-length");
    if (length === null || Number(length) > SMALL) {
      this.#silence.pause();
      return this.#relay(body);
    }
    this.#silence.expect();
    const bytes = new Uint8Array(await new Response(body).arrayBuffer());
    this.#end();
    return bytes;
  }

  #relay(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    return new ReadableStream({
      pull: async (controller) => {
        this.#silence.expect();
        try {
          const { done, value } = await reader.read();
          this.#silence.pause();
          if (!done) return controller.enqueue(value);
          this.#end();
          controller.close();
        } catch (error) {
          this.#breakOff(error);
          controller.error(new BrokenOffError(error));
        }
      },
      cancel: async (reason) => {
        this.#end();
        this.#ending.abort(reason);
        await reader.cancel(reason).catch(() => {});
      },
    }, { highWaterMark: 0 });
  }

  /** The response has begun: all that can be done is to cut it, so that nobody takes it for whole. */
  #breakOff(error: unknown): void {
    this.#end();
    if (this.#request.signal.aborted) return;
    generalLog()?.warn("The response of {place} was cut: {reason}", {
      place: this.#place,
      reason: this.#toError(error).logMessage,
    });
  }

  #explain(error: unknown): unknown {
    if (this.#refusal !== undefined) return this.#refusal.error;
    const { signal } = this.#request;
    if (signal.aborted) return signal.reason;
    // What is wrong with the body is for the client to hear.
    const isOurs = error instanceof Error && "status" in error;
    return isOurs ? error : this.#toError(error);
  }

  #toError(cause: unknown): HTTPError {
    if (this.#silence.isOver) {
      const logMessage = `${this.#place} was silent for ${this.#options.timeout} ms`;
      return new HTTPError(504, { logMessage, cause });
    }
    const { message } = toClientError(cause, `Cannot pass a request on to ${this.#place}`);
    return new HTTPError(502, { logMessage: withoutQueries(message), cause });
  }

  get #place(): string {
    return this.#options.upstream.origin;
  }

  #end(): void {
    this.#silence.stop();
    this.#request.signal.removeEventListener("abort", this.#leave);
  }
}

/** The runtime's message may repeat the URL, whose query may hold a secret. */
function withoutQueries(message: string): string {
  return message.replace(/\?[^\s)]*/g, "?…");
}
