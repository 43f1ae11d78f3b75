/** The head of a response in the making: its status, its header fields and its cookies. */
import { reportRejection } from "../../concurrent/coroutine/promise_like.ts";
import { addVary } from "../../http/fields/field.ts";
import type { Application } from "../application.ts";
import { checkStatus } from "../http_error.ts";
import { reasonPhrase } from "../../http/status_text.ts";
import type { ServedRequest } from "../request/served_request.ts";
import { checkedHeader, type HeaderValue, ResponseFields } from "./response_fields.ts";

/** The content type of a response that sets none, as Tornado's. */
export const HTML = "text/html; charset=UTF-8";

/** Why the response of an upgrade cannot be added to. */
export const WEB_SOCKET = "the connection is a WebSocket now; use writeMessage()";

/** The fields that describe a body (RFC 9110 §8). */
const BODY_FIELDS = ["content-encoding", "content-language", "content-length"] as const;

/** workerd would encode the body once more. */
const ENCODED = { encodeBody: "manual" };

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
 * Collects status, header fields and cookies, and puts them around a body.
 *
 * The runtime sends a response with one header much faster than one with two, so nothing is added
 * that was not asked for.
 */
export abstract class ResponseHead {
  readonly application: Application;
  readonly request: ServedRequest;
  /** The status; {@linkcode setStatus} checks what a handler sets. */
  status = 200;

  /** Apart from the other fields, since most responses have no other. */
  protected contentType: string | null = HTML;
  protected fields: ResponseFields | undefined;
  #reason: string | undefined;
  #cookies: Map<string, string> | undefined;
  /** What default headers made that took time: `clear()` puts it back. */
  #defaults: Defaults | undefined;

  constructor(application: Application, request: ServedRequest) {
    this.application = application;
    this.request = request;
  }

  /** Puts the handler's default headers in. A promise if that takes time. */
  abstract putDefaultHeaders(): unknown;
  /** Whether the head can still be changed; where it goes nowhere, it is left as it is. */
  protected abstract isOpen(action: string, name: string): boolean;
  /** Logs an exception that has nobody to go to. */
  abstract report(error: unknown): void;

  /** The reason that error pages show. It cannot reach the wire: the runtime sends its own. */
  get reason(): string {
    return this.#reason ?? reasonPhrase(this.status);
  }

  setStatus(status: number, reason?: string): void {
    if (!this.isOpen("set status", String(status))) return;
    checkStatus(status);
    if (this.status === 101) throw new Error(`Cannot setStatus(): ${WEB_SOCKET}`);
    this.status = status;
    this.#reason = reason;
  }

  setHeader(name: string, value: HeaderValue): void {
    if (!this.isOpen("set header", name)) return;
    if (isContentType(name)) this.contentType = checkedHeader(name, value);
    else (this.fields ??= new ResponseFields()).set(name, value);
  }

  addHeader(name: string, value: HeaderValue): void {
    if (isContentType(name)) return this.setHeader(name, value);
    if (!this.isOpen("add header", name)) return;
    (this.fields ??= new ResponseFields()).append(name, value);
  }

  clearHeader(name: string): void {
    if (!this.isOpen("clear header", name)) return;
    if (isContentType(name)) this.contentType = null;
    else this.fields?.delete(name);
  }

  getHeader(name: string): string | null {
    return isContentType(name) ? this.contentType : this.fields?.get(name) ?? null;
  }

  /**
   * Sets a cookie from its serialised form, in place of an earlier one of the same name, domain and
   * path: to browsers any other is another cookie (RFC 6265 §5.3).
   */
  setCookie({ name, domain = "", path = "" }: CookieIdentity, serialized: string): void {
    if (!this.isOpen("set cookie", name)) return;
    const identity = `${name};${domain.replace(/^\./, "").toLowerCase()};${path}`;
    (this.#cookies ??= new Map()).set(identity, serialized);
  }

  /** Takes the cookies of a name back. */
  dropCookie(name: string): void {
    this.#cookies?.forEach((_cookie, identity, cookies) => {
      if (identity.startsWith(`${name};`)) cookies.delete(identity);
    });
  }

  // ---- back to the beginning

  /** Forgets what was set, but not the cookies: a log-out must survive an error. */
  clear(): void {
    const { status, reason, contentType, fields } = this.#defaults ?? NO_DEFAULTS;
    this.status = status;
    this.#reason = reason;
    this.contentType = contentType;
    this.fields = fields?.copy();
    if (this.#defaults !== undefined) return;
    reportRejection(this.putDefaultHeaders(), (error) => this.report(error));
  }

  /** Keeps what was set so far for `clear()`. */
  keepDefaults(): void {
    this.#defaults = {
      status: this.status,
      reason: this.#reason,
      contentType: this.contentType,
      fields: this.fields?.copy(),
    };
  }

  /** There are none for `clear()`, whatever the handler says. */
  forgetDefaults(): void {
    this.#defaults = NO_DEFAULTS;
  }

  /** Forgets the head of an upgrade, which may have left hours before the handler is done. */
  release(): void {
    this.fields = this.#cookies = undefined;
  }

  // ---- around a body

  /** Whether nothing but the content type was set. */
  protected get bare(): boolean {
    return (this.fields === undefined || this.fields.empty) && this.#cookies === undefined &&
      !this.request.cookiesRead;
  }

  protected build(body: BodyInit | null): Response {
    const { status, contentType: type } = this;
    const encoded = this.fields?.encoded === true;
    if (typeof body === "string" && type !== null && status === 200 && !encoded) {
      const response = this.request.server.platform.textResponse(body, type);
      return this.bare ? response : this.#addFields(response);
    }
    // The runtime has a shorter way without an init.
    const response = encoded
      ? new Response(body, { status, ...ENCODED })
      : status === 200
      ? new Response(body)
      : new Response(body, { status });
    if (type !== null) response.headers.set("content-type", type);
    else if (body !== null) response.headers.delete("content-type");
    return this.#addFields(response);
  }

  /** A response without a body, or the fields that describe one (RFC 9110 §15.3.5, §15.4.5). */
  protected buildWithoutBody(): Response {
    this.contentType = null;
    for (const name of BODY_FIELDS) this.fields?.delete(name);
    return this.build(null);
  }

  #addFields(response: Response): Response {
    this.fields?.appendTo(response.headers);
    this.#addCookies(response.headers);
    return response;
  }

  /** Adds what was set to a response that came from elsewhere. */
  protected addTo({ headers }: Response): void {
    this.fields?.override(headers);
    this.#addCookies(headers);
  }

  /** Adds what was set to the 101 of an upgrade, but for what makes it one. */
  protected addToUpgrade({ headers }: Response): void {
    for (const name of HANDSHAKE_FIELDS) this.fields?.delete(name);
    this.fields?.appendTo(headers);
    this.#appendCookies(headers);
  }

  #addCookies(headers: Headers): void {
    this.#appendCookies(headers);
    if (this.request.cookiesRead) addVary(headers, "Cookie");
  }

  #appendCookies(headers: Headers): void {
    this.#cookies?.forEach((cookie) => headers.append("set-cookie", cookie));
  }
}

/** What a response begins with. */
interface Defaults {
  readonly status: number;
  readonly reason?: string | undefined;
  readonly contentType: string | null;
  readonly fields?: ResponseFields | undefined;
}

const NO_DEFAULTS: Defaults = { status: 200, contentType: HTML };

function isContentType(name: string): boolean {
  return name.length === 12 && name.toLowerCase() === "content-type";
}
