/** The response of a request in the making. */
import { byteLength, type Chunk, joinChunks, toBytes, toChunk } from "../../http/body/chunk.ts";
import { BrokenOffError, ofRequest } from "../../server/unhandled_errors.ts";
import { Html } from "../../text/html.ts";
import type { Application } from "../application.ts";
import { hasNoBody, StreamClosedError } from "../http_error.ts";
import type { ServedRequest } from "../request/served_request.ts";
import type { SettingParts } from "../setting_parts.ts";
import type { StreamEncoder } from "./content_encoder.ts";
import { isNotModified } from "./etag.ts";
import { checkForeignResponse, noUpgrade } from "./foreign_response.ts";
import { HTML, ResponseHead, WEB_SOCKET } from "./response_head.ts";
import { ResponseStream, unobserved } from "./response_stream.ts";

const JSON_TYPE = "application/json";

/**
 * Collects a body under its head, and makes the web `Response` of them: at `finish()`, or at the first
 * `flush()`.
 */
export abstract class ResponseWriter extends ResponseHead {
  /** What stands behind the application. */
  readonly parts: SettingParts;
  /**
   * Whether a 200 becomes a 304 where the client has the content already, and gets an entity tag.
   * Handlers that see to that themselves turn it off.
   */
  conditional = true;

  #body: Chunk | undefined;
  #more: Chunk[] | undefined;
  #stream: ResponseStream | undefined;
  #encoder: StreamEncoder | null = null;
  #response: Response | undefined;

  constructor(application: Application, parts: SettingParts, request: ServedRequest) {
    super(application, request);
    this.parts = parts;
  }

  /** The default entity tag of a body; see `RequestHandler.computeEtag`. */
  protected abstract computeEtag(body: Chunk): string | null;
  /** Whether the response is complete. */
  abstract get finished(): boolean;
  /** Whether what is written goes nowhere: there is nobody any more to send it to. */
  abstract get discarding(): boolean;
  /** The body of a page as the setting `debug` wants it; any other as it is. */
  protected abstract refresh(body: Chunk): Chunk;
  /** The head is about to be made: the last moment to set a cookie. May be called again. */
  protected abstract onHead(): void;
  /** The response is there, and its body will follow piece by piece. */
  protected abstract onStream(): void;
  /** The client left while the response was being streamed. */
  protected abstract onDisconnected(): void;
  /** The response is complete. Called once. */
  protected abstract onCompleted(): void;

  /** The `Response`, once it was made. */
  get response(): Response | undefined {
    return this.#response;
  }

  /** Whether nothing was written or sent yet. */
  get untouched(): boolean {
    return !this.finished && this.#stream === undefined && this.#body === undefined;
  }

  /** Whether part of the body was sent already. */
  get streaming(): boolean {
    return this.#stream !== undefined;
  }

  get #headOnly(): boolean {
    return this.request.method === "HEAD";
  }

  // ---- what a handler writes

  write(given: unknown): void {
    if (!this.#isWritable("write")) return;
    const chunk = typeof given === "string" ? given : this.#chunkOf(given);
    if (this.#body === undefined) this.#body = chunk;
    else (this.#more ??= []).push(chunk);
  }

  /** What is no text: markup, bytes, or what becomes JSON. */
  #chunkOf(given: unknown): Chunk {
    if (given instanceof Html) return given.toString();
    const chunk = toChunk(given);
    if (typeof chunk === "string" && this.contentType === HTML) this.contentType = JSON_TYPE;
    return chunk;
  }

  /** Forgets what was set and written, but not the cookies. */
  override clear(): void {
    if (!this.isOpen("clear", "the response")) return;
    this.#takeBody();
    super.clear();
  }

  /** Sends what was written; settles when the client's side has taken it. */
  flush(): Promise<void> {
    if (!this.#isWritable("flush")) return unobserved(Promise.reject(new StreamClosedError()));
    if (hasNoBody(this.status)) throw bodyForbidden(this.status);
    this.#stream ??= this.#openStream();
    const chunk = toBytes(this.#takeBody());
    if (this.#headOnly) return Promise.resolve();
    return this.#encoder === null
      ? this.#stream.write(chunk)
      : this.#writeEncoded(this.#stream, this.#encoder.update(chunk));
  }

  finish(value?: unknown): void {
    if (this.status === 101) throw new Error(`Cannot finish(): ${WEB_SOCKET}`);
    if (this.finished) {
      if (this.discarding) return;
      throw new Error("Cannot finish() the response twice");
    }
    if (value !== undefined) this.write(value);
    if (this.#stream === undefined) this.#response = this.#fixedResponse();
    else this.#finishStream(this.#stream);
    this.#complete();
  }

  /** Settles when the response was sent, as far as the runtime tells. */
  sent(): Promise<void> {
    // The runtime tells only those who ask before the response has left.
    if (this.discarding) return Promise.resolve();
    if (this.#stream !== undefined) return this.#stream.closed;
    return this.request.completed?.catch(() => {}) ?? Promise.resolve();
  }

  /**
   * Answers with a `Response` that came from elsewhere: a method's result, a mounted application.
   * What was set on the handler is added to it.
   *
   * @throws {Error} If something was written before, or if it cannot be sent.
   */
  respond(response: Response): void {
    if (this.finished || this.#stream !== undefined || this.#body !== undefined) {
      throw new Error("Cannot return a Response: the handler has written one of its own");
    }
    checkForeignResponse(response);
    const { raw, server } = this.request;
    if (response.status === 101 && !server.platform.isUpgrade(raw, response)) throw noUpgrade();
    this.onHead();
    // The status of a WebSocket that a mounted application took over: it cannot be built again.
    if (response.status === 101) return this.upgrade(response);
    this.status = response.status;
    const drop = this.#headOnly && response.body !== null;
    if (this.bare && !drop) {
      this.#response = response;
    } else {
      const answer = new Response(drop ? null : response.body, response);
      if (drop) response.body?.cancel().catch(() => {});
      this.addTo(answer);
      this.#response = answer;
    }
    this.#complete();
  }

  /** Answers with the 101 of an upgrade, whose connection goes on. */
  upgrade(response: Response): void {
    this.onHead();
    this.status = 101;
    this.#takeBody();
    this.addToUpgrade(response);
    this.request.server.upgrades?.set(this.request.raw, response);
    this.#response = response;
    this.#complete();
  }

  /** Forgets the response of an upgrade, which may have left hours before the handler does. */
  override release(): void {
    this.#response = undefined;
    super.release();
  }

  /** Answers with `response` whatever was set or written: the last resort. */
  replace(response: Response): void {
    this.status = response.status;
    this.#response = response;
    this.#complete();
  }

  /** Breaks a streamed response off, so that the client sees that it is cut short. */
  breakOff(error: unknown): void {
    this.#stream?.abort(new BrokenOffError(error));
    this.#complete();
  }

  /** Takes back a response that was not sent yet, so that another one can be made. */
  retract(): void {
    this.#stream?.abort(new StreamClosedError());
    this.#response?.body?.cancel().catch(() => {});
    this.#stream = undefined;
    this.#encoder = null;
    this.#takeBody();
    this.#response = undefined;
    this.request.answeredWith = 0;
  }

  // ---- piece by piece

  #openStream(): ResponseStream {
    this.onHead();
    const stream = new ResponseStream(() => this.onDisconnected());
    if (this.#headOnly) stream.close();
    else this.#openEncoder(stream);
    this.#response = this.build(this.#headOnly ? null : this.#ofDeclaredLength(stream.readable));
    this.onStream();
    return stream;
  }

  #ofDeclaredLength(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const length = this.fields?.get("content-length") ?? null;
    if (length === null) return body;
    return this.application.platform.bodyOfLength?.(body, Number(length)) ?? body;
  }

  #openEncoder(stream: ResponseStream): void {
    const encoder = this.parts.contentEncoder?.streamEncoder(this) ?? null;
    this.#encoder = encoder;
    if (encoder !== null) stream.closed.then(() => encoder.close());
  }

  #finishStream(stream: ResponseStream): void {
    const rest = toBytes(this.#takeBody());
    if (this.#encoder !== null) {
      const last = this.#writeEncoded(stream, this.#encoder.finish(rest));
      last.catch(() => {}).finally(() => stream.close());
      return;
    }
    if (!this.#headOnly) stream.write(rest);
    stream.close();
  }

  #writeEncoded(stream: ResponseStream, piece: Promise<Uint8Array>): Promise<void> {
    return unobserved(piece.then((bytes) => stream.write(bytes)));
  }

  // ---- in one piece

  #fixedResponse(): Response {
    this.onHead();
    const { status } = this;
    if (hasNoBody(status)) return this.#emptyResponse();
    let body = this.#takeBody();
    if (this.parts.development !== undefined) body = this.refresh(body);
    if (status === 200 && this.conditional && this.#isNotModified(body)) {
      this.parts.contentEncoder?.negotiateEncoding(this, body);
      this.status = 304;
      return this.#emptyResponse();
    }
    body = this.parts.contentEncoder?.encodeBody(this, body) ?? body;
    if (this.#headOnly) {
      if (this.getHeader("content-length") === null) {
        this.setHeader("Content-Length", byteLength(body));
      }
      return this.build(null);
    }
    if (this.fields !== undefined) checkLength(this.fields.get("content-length"), body);
    return this.build(body as BodyInit);
  }

  #isNotModified(body: Chunk): boolean {
    if (this.request.method !== "GET" && !this.#headOnly) return false;
    if (this.fields === undefined || this.fields.get("etag") === null) {
      const etag = this.computeEtag(body);
      if (etag !== null) this.setHeader("Etag", etag);
      // There is nothing to compare with what the client has.
      else if (this.fields === undefined) return false;
    }
    return isNotModified(this.request, this);
  }

  #emptyResponse(): Response {
    if (this.#body !== undefined) throw bodyForbidden(this.status);
    return this.buildWithoutBody();
  }

  #takeBody(): Chunk {
    const body = this.#body;
    const more = this.#more;
    this.#body = undefined;
    this.#more = undefined;
    if (body === undefined) return "";
    return more === undefined ? body : joinChunks([body, ...more]);
  }

  // ---- how far it is

  #complete(): void {
    if (this.request.answered) return;
    this.request.answeredWith = this.status;
    this.onCompleted();
  }

  protected override isOpen(action: string, name: string): boolean {
    if (this.#response === undefined && this.status !== 101) return true;
    if (this.discarding) return false;
    const reason = this.status === 101 ? WEB_SOCKET : BEGUN;
    throw new Error(`Cannot ${action} ${JSON.stringify(name)}: ${reason}`);
  }

  #isWritable(action: string): boolean {
    if (this.status === 101) throw new Error(`Cannot ${action}(): ${WEB_SOCKET}`);
    if (!this.finished) return true;
    if (this.discarding) return false;
    const message = `Cannot ${action}() after finish(): return after redirect(), sendError() and ` +
      "finish(), and await what writes";
    throw ofRequest(new Error(message), this.request);
  }
}

const BEGUN = "the response has begun; do it before the first flush(), and before finish()";

/** The runtime would correct a wrong length in silence; a mistake should show. */
function checkLength(declared: string | null, body: Chunk): void {
  if (declared === null || declared === String(byteLength(body))) return;
  throw new Error(
    `Cannot finish the response: Content-Length is ${declared}, ` +
      `but ${byteLength(body)} bytes were written`,
  );
}

function bodyForbidden(status: number): Error {
  return new Error(`Cannot send a body with status ${status}: it has none by definition`);
}
