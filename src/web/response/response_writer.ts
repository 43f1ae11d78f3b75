/** The response of a request in the making. */
import { ofRequest } from "../../server/unhandled_errors.ts";
import type { Application } from "../application.ts";
import { addVary } from "../../http/fields/field.ts";
import { BrokenOffError } from "../../http/broken_off_error.ts";
import type { StreamEncoder } from "./content_encoder.ts";
import { isNotModified } from "./etag.ts";
import { checkForeignResponse, noUpgrade } from "./foreign_response.ts";
import { checkStatus, hasNoBody, reasonPhrase, StreamClosedError } from "../http_error.ts";
import type { SettingParts } from "../setting_parts.ts";
import type { ServedRequest } from "../request/served_request.ts";
import { reportRejection } from "../../concurrent/coroutine/promise_like.ts";
import { Html } from "../../text/html.ts";
import { byteLength, type Chunk, joinChunks, toBytes, toChunk } from "../../http/body/chunk.ts";
import { checkedHeader, type HeaderValue, ResponseFields } from "./response_fields.ts";
import { ResponseStream } from "./response_stream.ts";

/** The content type of a response that sets none, as Tornado's. */
const HTML = "text/html; charset=UTF-8";
const JSON_TYPE = "application/json";

/** Why the response of an upgrade cannot be added to. */
const WEB_SOCKET = "the connection is a WebSocket now; use writeMessage()";

/** The fields that describe a body (RFC 9110 §8). */
const BODY_FIELDS = ["content-encoding", "content-language", "content-length"] as const;

/** The fields that make a response a handshake, and those that a 101 cannot have. */
const HANDSHAKE_FIELDS = [
  "connection",
  "content-length",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "transfer-encoding",
  "upgrade",
] as const;

/** What tells one cookie from another. */
interface CookieIdentity {
  readonly name: string;
  readonly domain?: string | undefined;
  readonly path?: string | undefined;
}

/**
 * Collects status, header fields and body, and makes the web `Response` of them: at `finish()`, or at
 * the first `flush()`.
 *
 * The runtime sends a response with one header much faster than one with two, so nothing is added
 * that was not asked for.
 */
export abstract class ResponseWriter {
  readonly application: Application;
  /** What stands behind the application. */
  readonly parts: SettingParts;
  readonly request: ServedRequest;
  /**
   * Whether a 200 becomes a 304 where the client has the content already, and gets an entity tag.
   * Handlers that see to that themselves turn it off.
   */
  conditional = true;

  #status = 200;
  #reason: string | undefined;
  #contentType: string | null = HTML;
  #fields: ResponseFields | undefined;
  #cookies: Map<string, string> | undefined;
  #body: Chunk | undefined;
  #more: Chunk[] | undefined;
  #stream: ResponseStream | undefined;
  #encoder: StreamEncoder | null = null;
  #response: Response | undefined;
  /** What default headers made that took time: `clear()` puts it back. */
  #defaults: Defaults | undefined;

  constructor(application: Application, parts: SettingParts, request: ServedRequest) {
    this.application = application;
    this.parts = parts;
    this.request = request;
  }

  /** The default entity tag of a body; see `RequestHandler.computeEtag`. */
  protected abstract computeEtag(body: Chunk): string | null;
  /** Puts the handler's default headers in. A promise if that takes time. */
  abstract setDefaultHeaders(): unknown;
  /** Whether the response is complete. */
  abstract get finished(): boolean;
  /** Whether what is written goes nowhere: there is nobody any more to send it to. */
  abstract get discarding(): boolean;
  /** The head is about to be made: the last moment to set a cookie. May be called again. */
  protected abstract onHead(): void;
  /** The response is there, and its body will follow piece by piece. */
  protected abstract onStream(): void;
  /** The client left while the response was being streamed. */
  protected abstract onDisconnected(): void;
  /** The response is complete. Called once. */
  protected abstract onCompleted(): void;
  /** Logs an exception that has nobody to go to. */
  abstract report(error: unknown): void;

  /** The `Response`, once it was made. */
  get response(): Response | undefined {
    return this.#response;
  }

  get status(): number {
    return this.#status;
  }

  /** The reason that error pages show. It cannot reach the wire: the runtime sends its own. */
  get reason(): string {
    return this.#reason ?? reasonPhrase(this.#status);
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

  // ---- status and header fields

  setStatus(status: number, reason?: string): void {
    if (!this.#isOpen("set status", String(status))) return;
    checkStatus(status);
    if (this.#status === 101) throw new Error(`Cannot setStatus(): ${WEB_SOCKET}`);
    this.#status = status;
    this.#reason = reason;
  }

  setHeader(name: string, value: HeaderValue): void {
    if (!this.#isOpen("set header", name)) return;
    if (isContentType(name)) this.#contentType = checkedHeader(name, value);
    else (this.#fields ??= new ResponseFields()).set(name, value);
  }

  addHeader(name: string, value: HeaderValue): void {
    if (isContentType(name)) return this.setHeader(name, value);
    if (!this.#isOpen("add header", name)) return;
    (this.#fields ??= new ResponseFields()).append(name, value);
  }

  clearHeader(name: string): void {
    if (!this.#isOpen("clear header", name)) return;
    if (isContentType(name)) this.#contentType = null;
    else this.#fields?.delete(name);
  }

  getHeader(name: string): string | null {
    return isContentType(name) ? this.#contentType : this.#fields?.get(name) ?? null;
  }

  /**
   * Sets a cookie from its serialised form, in place of an earlier one of the same name, domain and
   * path: to browsers any other is another cookie (RFC 6265 §5.3).
   */
  setCookie({ name, domain = "", path = "" }: CookieIdentity, serialized: string): void {
    if (!this.#isOpen("set cookie", name)) return;
    const identity = `${name};${domain.replace(/^\./, "").toLowerCase()};${path}`;
    (this.#cookies ??= new Map()).set(identity, serialized);
  }

  /** Takes the cookies of a name back. */
  dropCookie(name: string): void {
    for (const identity of this.#cookies?.keys() ?? []) {
      if (identity.startsWith(`${name};`)) this.#cookies?.delete(identity);
    }
  }

  /** Forgets what was set and written, but not the cookies: a log-out must survive an error. */
  clear(): void {
    if (!this.#isOpen("clear", "the response")) return;
    const { status, reason, contentType, fields } = this.#defaults ?? NO_DEFAULTS;
    this.#status = status;
    this.#reason = reason;
    this.#contentType = contentType;
    this.#fields = fields?.copy();
    this.#body = undefined;
    this.#more = undefined;
    if (this.#defaults !== undefined) return;
    reportRejection(this.setDefaultHeaders(), (error) => this.report(error));
  }

  /** Keeps what was set so far for `clear()`. */
  keepDefaults(): void {
    this.#defaults = {
      status: this.#status,
      reason: this.#reason,
      contentType: this.#contentType,
      fields: this.#fields?.copy(),
    };
  }

  /** There are none for `clear()`, whatever the handler says. */
  forgetDefaults(): void {
    this.#defaults = NO_DEFAULTS;
  }

  // ---- body

  write(given: unknown): void {
    if (!this.#isWritable("write")) return;
    const value = Html.is(given) ? given.toString() : given;
    const chunk = toChunk(value);
    if (typeof value === "object" && !(value instanceof Uint8Array) && this.#contentType === HTML) {
      this.#contentType = JSON_TYPE;
    }
    if (this.#body === undefined) this.#body = chunk;
    else (this.#more ??= []).push(chunk);
  }

  /** Sends what was written; settles when the client's side has taken it. */
  flush(): Promise<void> {
    if (!this.#isWritable("flush")) return rejected(new StreamClosedError());
    if (hasNoBody(this.#status)) throw bodyForbidden(this.#status);
    this.#stream ??= this.#openStream();
    const chunk = toBytes(this.#takeBody());
    if (this.#headOnly) return Promise.resolve();
    return this.#encoder === null
      ? this.#stream.write(chunk)
      : this.#writeEncoded(this.#stream, this.#encoder.update(chunk));
  }

  finish(value?: unknown): void {
    if (this.#status === 101) throw new Error(`Cannot finish(): ${WEB_SOCKET}`);
    if (this.discarding) return;
    if (this.finished) throw new Error("Cannot finish() the response twice");
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
    if (response.status === 101 && !this.#isUpgrade(response)) throw noUpgrade();
    this.onHead();
    // The status of a WebSocket that a mounted application took over: it cannot be built again.
    if (response.status === 101) return this.upgrade(response);
    this.#status = response.status;
    const drop = this.#headOnly && response.body !== null;
    if (this.#bare && !drop) {
      this.#response = response;
    } else {
      const answer = new Response(drop ? null : response.body, response);
      if (drop) response.body?.cancel().catch(() => {});
      this.#fields?.override(answer.headers);
      this.#appendCookies(answer.headers);
      if (this.request.cookiesRead) addVary(answer.headers, "Cookie");
      this.#response = answer;
    }
    this.#complete();
  }

  #isUpgrade(response: Response): boolean {
    return this.application.platform.isUpgrade(this.request.raw, response);
  }

  /** Answers with the 101 of an upgrade, whose connection goes on. */
  upgrade(response: Response): void {
    this.onHead();
    this.#status = 101;
    this.#body = undefined;
    this.#more = undefined;
    for (const name of HANDSHAKE_FIELDS) this.#fields?.delete(name);
    this.#fields?.appendTo(response.headers);
    this.#appendCookies(response.headers);
    this.request.server.upgrades?.set(this.request.raw, response);
    this.#response = response;
    this.#complete();
  }

  /** Forgets the response of an upgrade, which may have left hours before the handler does. */
  release(): void {
    this.#response = undefined;
    this.#fields = undefined;
    this.#cookies = undefined;
  }

  /** Answers with `response` whatever was set or written: the last resort. */
  replace(response: Response): void {
    this.#status = response.status;
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
    this.request.answered = false;
  }

  #openStream(): ResponseStream {
    this.onHead();
    const stream = new ResponseStream(() => this.onDisconnected());
    if (this.#headOnly) stream.close();
    else this.#openEncoder(stream);
    this.#response = this.#build(this.#headOnly ? null : stream.readable);
    this.onStream();
    return stream;
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
    const written = piece.then((bytes) => stream.write(bytes));
    // A handler need not await its writes.
    written.catch(() => {});
    return written;
  }

  #fixedResponse(): Response {
    this.onHead();
    const status = this.#status;
    if (hasNoBody(status)) return this.#emptyResponse();
    let body = this.#takeBody();
    if (status === 200 && this.#isConditional && this.#isNotModified(body)) {
      this.parts.contentEncoder?.negotiateEncoding(this, body);
      this.#status = 304;
      return this.#emptyResponse();
    }
    body = this.parts.contentEncoder?.encodeBody(this, body) ?? body;
    if (this.#headOnly) {
      if (this.getHeader("content-length") === null) {
        this.setHeader("Content-Length", byteLength(body));
      }
      return this.#build(null);
    }
    this.#checkLength(body);
    return this.#build(body as BodyInit);
  }

  get #isConditional(): boolean {
    const { method } = this.request;
    return this.conditional && (method === "GET" || method === "HEAD");
  }

  #isNotModified(body: Chunk): boolean {
    if (this.getHeader("etag") === null) {
      const etag = this.computeEtag(body);
      if (etag !== null) this.setHeader("Etag", etag);
      else if (this.#bare) return false;
    }
    return isNotModified(this.request, this);
  }

  /** A response without a body, or the fields that describe one (RFC 9110 §15.3.5, §15.4.5). */
  #emptyResponse(): Response {
    if (this.#body !== undefined) throw bodyForbidden(this.#status);
    this.#contentType = null;
    for (const name of BODY_FIELDS) this.#fields?.delete(name);
    return this.#build(null);
  }

  /** The runtime would correct a wrong length in silence; a mistake should show. */
  #checkLength(body: Chunk): void {
    const declared = this.#fields?.get("content-length") ?? null;
    if (declared === null || declared === String(byteLength(body))) return;
    throw new Error(
      `Cannot finish the response: Content-Length is ${declared}, ` +
        `but ${byteLength(body)} bytes were written`,
    );
  }

  #build(body: BodyInit | null): Response {
    const type = this.#contentType;
    const status = this.#status;
    if (typeof body === "string" && type !== null && status === 200) {
      const response = this.application.platform.textResponse(body, type);
      return this.#bare ? response : this.#addFields(response);
    }
    // The runtime has a shorter way without an init.
    const response = status === 200 ? new Response(body) : new Response(body, { status });
    if (type !== null) response.headers.set("content-type", type);
    else if (body !== null) response.headers.delete("content-type");
    return this.#addFields(response);
  }

  #addFields(response: Response): Response {
    const { headers } = response;
    this.#fields?.appendTo(headers);
    if (this.#cookies !== undefined) this.#appendCookies(headers);
    if (this.request.cookiesRead) addVary(headers, "Cookie");
    return response;
  }

  /** Whether nothing but the content type was set. */
  get #bare(): boolean {
    return (this.#fields === undefined || this.#fields.empty) && this.#cookies === undefined &&
      !this.request.cookiesRead;
  }

  #appendCookies(headers: Headers): void {
    for (const cookie of this.#cookies?.values() ?? []) headers.append("set-cookie", cookie);
  }

  #takeBody(): Chunk {
    const body = this.#body;
    const more = this.#more;
    this.#body = undefined;
    this.#more = undefined;
    if (body === undefined) return "";
    return more === undefined ? body : joinChunks([body, ...more]);
  }

  #complete(): void {
    if (this.finished) return;
    this.request.answered = true;
    this.onCompleted();
  }

  /** Whether the head can still be changed; where it goes nowhere, it is left as it is. */
  #isOpen(action: string, name: string): boolean {
    if (this.#response === undefined && this.#status !== 101) return true;
    if (this.discarding) return false;
    const reason = this.#status === 101 ? WEB_SOCKET : "the response has begun";
    throw new Error(`Cannot ${action} ${JSON.stringify(name)}: ${reason}`);
  }

  #isWritable(action: string): boolean {
    if (this.#status === 101) throw new Error(`Cannot ${action}(): ${WEB_SOCKET}`);
    if (!this.finished) return true;
    if (this.discarding) return false;
    const message = `Cannot ${action}() after finish(): return after redirect(), sendError() and ` +
      "finish(), and await what writes";
    throw ofRequest(new Error(message), this.request);
  }
}

/** What a response begins with. */
interface Defaults {
  readonly status: number;
  readonly reason: string | undefined;
  readonly contentType: string | null;
  readonly fields: ResponseFields | undefined;
}

const NO_DEFAULTS: Defaults = {
  status: 200,
  reason: undefined,
  contentType: HTML,
  fields: undefined,
};

/** A handler need not await its writes. */
function rejected(error: Error): Promise<void> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}

function bodyForbidden(status: number): Error {
  return new Error(`Cannot send a body with status ${status}: it has none by definition`);
}

function isContentType(name: string): boolean {
  return name.length === 12 && name.toLowerCase() === "content-type";
}
