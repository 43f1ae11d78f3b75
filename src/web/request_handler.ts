/** The class that applications derive their handlers from. */
import { type CookieAttributes, serializeCookie } from "../http/fields/cookie.ts";
import type { Application } from "./application.ts";
import type { ApplicationSettings } from "./application_settings.ts";
import { type ArgumentOptions, argumentsOf, lastArgument } from "./request/arguments.ts";
import type { Chunk } from "../http/body/chunk.ts";
import { asWanted, type ErrorPage, errorPage, tracebackPage } from "./response/error_page.ts";
import { isToken, varies } from "../http/fields/field.ts";
import { logFailedLog } from "../log.ts";
import { bodyEtag } from "./response/etag.ts";
import { sendError } from "./error_answer.ts";
import type { Exchange } from "./exchange.ts";
import type { HandlerSeed } from "./handler_seed.ts";
import { isPromiseLike, reportRejection } from "../concurrent/coroutine/promise_like.ts";
import { decodeUtf8 } from "../http/input_error.ts";
import { HTTPError } from "./http_error.ts";
import type { HTTPServerRequest } from "./request/http_server_request.ts";
import { type HeaderValue, locationOf } from "./response/response_fields.ts";
import type { BaseLoader } from "../template/loaders/base_loader.ts";
import type { Locale } from "../text/locale/locale.ts";
import { browserLocale, visitorLocale } from "./locale_choice.ts";
import { type HandlerPages, pagesOf } from "./pages/handler_pages.ts";
import {
  getSignedBytes,
  type GetSignedCookieOptions,
  getSignedKeyVersion,
  getSignedText,
  setSignedCookie,
  type SignedCookieOptions,
} from "./signed/signed_cookies.ts";
import { checkCookieAttributes } from "./signed/settings.ts";
import { checkXsrf, issueXsrfToken } from "./signed/xsrf.ts";
import { type StandardSchema, validate, type ValidationSource } from "./validation.ts";
import { served } from "./request/served_request.ts";
import { keepUntilDone } from "../server/server_context.ts";
import { shown } from "../checks/shown.ts";

/**
 * What a verb method may return. A promise is awaited; a `Response` is sent as it is. Generators are
 * for methods under `@coroutine`.
 *
 * @category Handlers
 */
export type Answer =
  | void
  | Response
  | PromiseLike<void | Response>
  | Generator<unknown, unknown, unknown>;

/**
 * The settings that the handlers of an application see.
 *
 * @typeParam App The application's class.
 *
 * @category Handlers
 */
export type SettingsOf<App extends Application> = Readonly<ApplicationSettings> & {
  /** The setting `own`. */
  readonly own: NonNullable<App["settings"]["own"]>;
};

/**
 * What stands behind a handler, for those within the house.
 *
 * @internal
 */
export function exchangeOf(handler: RequestHandler): Exchange {
  return RequestHandler["exchangeOf"](handler);
}

/**
 * Runs an `async getCurrentUser`.
 *
 * @internal
 */
export function findUserOf(handler: RequestHandler): Promise<void> {
  return RequestHandler["findUserOf"](handler);
}

/**
 * Answers the requests to one route (`tornado.web.RequestHandler`).
 *
 * Derive from it, and define a method for each verb that it answers: `get`, `post`, … For every
 * request there is a new instance. In this order are called: `setDefaultHeaders`, `initialize`,
 * `prepare`, the verb method with the groups of the route's pattern, and `onFinish`. Each may be
 * `async`. The end of the verb method ends the response.
 *
 * An exception out of any of them is logged and answered with an error page: of its status, if it is
 * an {@linkcode HTTPError}, else of 500.
 *
 * @typeParam App The application's class, for those that keep their state in a subclass.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Greeting extends RequestHandler {
 *   override get(name: string) {
 *     this.write(`Hello, ${name}`);
 *   }
 * }
 *
 * const app = new Application([["/hello/:name", Greeting]]);
 * const response = await app.fetch(new Request("http://localhost/hello/world"));
 * assertEquals(await response.text(), "Hello, world");
 * ```
 *
 * @category Handlers
 */
// deno-lint-ignore no-explicit-any -- an application's own class may be generic in its turn
export class RequestHandler<App extends Application = any> {
  /** The methods that reach the class; any other is a 405. Extend it to answer more. */
  static readonly supportedMethods: readonly string[] = [
    "GET",
    "HEAD",
    "POST",
    "DELETE",
    "PATCH",
    "PUT",
    "OPTIONS",
  ];

  /**
   * The body is not read before `prepare` and the verb method: it is passed to `dataReceived` as it
   * arrives, or read from `this.request.stream`. For bodies too large to hold.
   */
  static readonly streamRequestBody: boolean = false;

  // For the functions above. Static and private: a static block would keep bundlers from leaving out the
  // class, and `#` would hide it from them.
  /** The request and its response, for the rest of the house. */
  private static exchangeOf(handler: RequestHandler): Exchange {
    return handler.#exchange;
  }

  /** Finds the user before a decorator asks, for the rest of the house. */
  private static findUserOf(handler: RequestHandler): Promise<void> {
    return handler.#awaitUser();
  }

  readonly #exchange: Exchange;
  #currentUser: unknown;
  #user: "unknown" | "sought" | "known" = "unknown";
  #xsrfToken: string | undefined;
  #pages: HandlerPages | undefined;
  #locale: Locale | undefined;

  /**
   * Handlers are made by the application, and set themselves up in `initialize`.
   *
   * @param seed What a subclass that has a constructor hands on to `super()`.
   */
  constructor(seed: HandlerSeed) {
    // Only the life cycle makes handlers, and it makes them of nothing else.
    this.#exchange = seed as HandlerSeed & Exchange;
  }

  /** The application that the handler belongs to. */
  get application(): App {
    return this.#exchange.application as App;
  }

  /** The request. */
  get request(): HTTPServerRequest {
    return this.#exchange.request;
  }

  /** The groups of the route's pattern, decoded; `undefined` for one that took no part. */
  get pathArgs(): readonly (string | undefined)[] {
    return this.#exchange.pathArgs;
  }

  /** The named groups of the route's pattern, decoded. */
  get pathKwargs(): Readonly<Record<string, string | undefined>> {
    return this.#exchange.pathKwargs;
  }

  /** The application's settings; `own` has the type that the application gives it. */
  get settings(): SettingsOf<App> {
    return this.#exchange.application.settings as SettingsOf<App>;
  }

  // ---- entry points

  /**
   * Receives the `args` of the route, before anything else. What follows waits for its promise.
   *
   * @param _args What stands behind the handler in the route; `{}` if nothing does.
   */
  initialize(_args: object): void | PromiseLike<void> {}

  /**
   * Runs before the verb method, whichever it is. If it finishes the response, or returns one, no
   * verb runs.
   */
  prepare(): void | Response | PromiseLike<void | Response> {}

  /** Answers GET, and HEAD unless there is a `head`. */
  get(..._pathArgs: string[]): Answer {
    throw new HTTPError(405);
  }

  /** Answers HEAD. By default `get` does, and its body is dropped. */
  head(..._pathArgs: string[]): Answer {
    throw new HTTPError(405);
  }

  /** Answers POST. */
  post(..._pathArgs: string[]): Answer {
    throw new HTTPError(405);
  }

  /** Answers DELETE. */
  delete(..._pathArgs: string[]): Answer {
    throw new HTTPError(405);
  }

  /** Answers PATCH. */
  patch(..._pathArgs: string[]): Answer {
    throw new HTTPError(405);
  }

  /** Answers PUT. */
  put(..._pathArgs: string[]): Answer {
    throw new HTTPError(405);
  }

  /** Answers OPTIONS. */
  options(..._pathArgs: string[]): Answer {
    throw new HTTPError(405);
  }

  /**
   * Runs once for each request, when the response is complete, whatever became of it. The client does
   * not wait for its promise, but a server that shuts down does.
   */
  onFinish(): void | PromiseLike<void> {}

  /**
   * Sees to it that something is done, though the response has left: a server that shuts down waits for
   * it, and Workers do not stop it. What it rejects with is logged.
   *
   * @param work What is under way.
   * @throws {TypeError} If it is no promise.
   *
   * @example
   * ```ts
   * import { Application, RequestHandler } from "@gustnado/gustnado";
   * import { assertEquals } from "@std/assert";
   *
   * const visits: string[] = [];
   *
   * class Main extends RequestHandler {
   *   override get() {
   *     this.waitUntil(Promise.resolve().then(() => visits.push(this.request.path)));
   *     this.write("Hello");
   *   }
   * }
   *
   * await new Application([["/", Main]]).fetch(new Request("http://localhost/"));
   * assertEquals(visits, ["/"]);
   * ```
   */
  waitUntil(work: PromiseLike<unknown>): void {
    if (!isPromiseLike(work)) {
      throw new TypeError(`Cannot wait until ${shown(work)} is done: it is no promise`);
    }
    keepUntilDone(work, this.#exchange.place);
  }

  /**
   * What Workers hand over with each request: bindings, variables and secrets. It is an empty object where
   * the runtime has none.
   *
   * @typeParam Env What the configuration of the worker declares. Nobody checks it.
   *
   * @example
   * ```ts
   * import { Application, RequestHandler } from "@gustnado/gustnado";
   * import { assertEquals } from "@std/assert";
   *
   * class Main extends RequestHandler {
   *   override get() {
   *     this.write(this.getEnvironment<{ GREETING: string }>().GREETING);
   *   }
   * }
   *
   * const app = new Application([["/", Main]]);
   * const context = { waitUntil() {} };
   * const request = new Request("http://localhost/");
   * const response = await app.fetch(request, { GREETING: "Hello" }, context);
   * assertEquals(await response.text(), "Hello");
   * ```
   */
  getEnvironment<Env extends object>(): Env {
    return (this.request.connection.environment ?? {}) as Env;
  }

  /**
   * The client left before the response was complete. Clean up here what waits for it.
   *
   * A response that is kept open is complete after it, with the status 499 in the log if nothing was
   * sent: `onFinish` runs, and what is written from then on goes nowhere. A method that still runs
   * goes on, and completes it when it returns. The client may also be noticed through
   * `request.signal`, whose reason may be thrown: that is no error.
   */
  onConnectionClose(): void | PromiseLike<void> {}

  /**
   * Receives a piece of the body, with `streamRequestBody`. The next one waits for its promise.
   *
   * @param _chunk Bytes, as they arrived.
   */
  dataReceived(_chunk: Uint8Array): void | PromiseLike<void> {}

  // ---- input

  /**
   * An argument of the query or of the form; the last one, if there are several.
   *
   * @param name The name of the argument.
   * @throws {MissingArgumentError} If there is none, which is answered with 400.
   */
  getArgument(name: string, defaultValue?: undefined, options?: ArgumentOptions): string;
  /**
   * An argument of the query or of the form; the last one, if there are several.
   *
   * @param name The name of the argument.
   * @param defaultValue What stands in for a missing one.
   */
  getArgument<T>(name: string, defaultValue: T, options?: ArgumentOptions): string | T;
  getArgument(name: string, defaultValue?: unknown, options?: ArgumentOptions): unknown {
    return lastArgument(this.request, "query and body", name, defaultValue, options);
  }

  /** All arguments of a name, of the query first; `[]` if there is none. */
  getArguments(name: string, options?: ArgumentOptions): string[] {
    return argumentsOf(this.request, "query and body", name, options);
  }

  /** As {@linkcode getArgument}, of the query only. */
  getQueryArgument(name: string, defaultValue?: undefined, options?: ArgumentOptions): string;
  /** As {@linkcode getArgument}, of the query only, with a default. */
  getQueryArgument<T>(name: string, defaultValue: T, options?: ArgumentOptions): string | T;
  getQueryArgument(name: string, defaultValue?: unknown, options?: ArgumentOptions): unknown {
    return lastArgument(this.request, "query", name, defaultValue, options);
  }

  /** As {@linkcode getArguments}, of the query only. */
  getQueryArguments(name: string, options?: ArgumentOptions): string[] {
    return argumentsOf(this.request, "query", name, options);
  }

  /** As {@linkcode getArgument}, of the form only. */
  getBodyArgument(name: string, defaultValue?: undefined, options?: ArgumentOptions): string;
  /** As {@linkcode getArgument}, of the form only, with a default. */
  getBodyArgument<T>(name: string, defaultValue: T, options?: ArgumentOptions): string | T;
  getBodyArgument(name: string, defaultValue?: unknown, options?: ArgumentOptions): unknown {
    return lastArgument(this.request, "body", name, defaultValue, options);
  }

  /** As {@linkcode getArguments}, of the form only. */
  getBodyArguments(name: string, options?: ArgumentOptions): string[] {
    return argumentsOf(this.request, "body", name, options);
  }

  /**
   * Turns the bytes of an argument, or of a group of the path, into text. Override it for clients
   * that do not send UTF-8.
   *
   * @param value The percent-decoded bytes.
   * @param name The name of the argument; `undefined` for a positional group.
   * @throws {HTTPInputError} If they are not UTF-8, which is answered with 400.
   */
  decodeArgument(value: Uint8Array, name?: string): string {
    return decodeUtf8(value, name ?? "url");
  }

  /**
   * Checks input with a validator that follows Standard Schema (Zod, Valibot, ArkType, …).
   *
   * @param schema The validator.
   * @param source What to check: the JSON or form body (the default), the query, or the groups of the
   *   path. A field that came several times is an array.
   * @returns What the validator made of it.
   * @throws {ValidationError} The promise rejects if the input is not valid, which is answered with
   *   400 and the issues found.
   */
  validate<T>(schema: StandardSchema<T>, source: ValidationSource = "body"): Promise<T> {
    return validate(schema, this, source);
  }

  // ---- output

  /**
   * Sets the status of the response.
   *
   * @param status 200 to 599, but not 205, which clients wait for the end of: use 204.
   * @param reason What the error page shows in place of the standard reason. It is not sent.
   * @throws {RangeError} If the status is not such an integer.
   */
  setStatus(status: number, reason?: string): void {
    this.#exchange.setStatus(status, reason);
  }

  /** The status of the response so far. */
  getStatus(): number {
    return this.#exchange.status;
  }

  /**
   * Sets a header field, in place of what it was set to before.
   *
   * @param value A `Date` is sent as an HTTP date.
   * @throws {TypeError} If the name or the value has a character that no header may have.
   * @throws {Error} If the response has begun.
   */
  setHeader(name: string, value: HeaderValue): void {
    this.#exchange.setHeader(name, value);
  }

  /** Adds a header field beside those of its name that were set before; else as `setHeader`. */
  addHeader(name: string, value: HeaderValue): void {
    this.#exchange.addHeader(name, value);
  }

  /** Takes a header field back. */
  clearHeader(name: string): void {
    this.#exchange.clearHeader(name);
  }

  /** What a header field was set to; `null` if it was not. */
  getHeader(name: string): string | null {
    return this.#exchange.getHeader(name);
  }

  /**
   * Sets the header fields that every response of the class has, error pages included. It runs first,
   * and again at `clear()` and for an error page; if it gave a promise, what it has set by then is
   * used again.
   */
  setDefaultHeaders(): void | PromiseLike<void> {}

  /** Takes back all that was set and written, but cookies. */
  clear(): void {
    this.#exchange.clear();
  }

  /**
   * Adds to the body.
   *
   * @param chunk Text; bytes; or a plain object or an array, which is sent as JSON and sets the
   *   content type to `application/json` unless another was set.
   * @throws {TypeError} If it is anything else.
   * @throws {Error} After `finish()`.
   */
  write(chunk: string | Uint8Array | object): void {
    this.#exchange.write(chunk);
  }

  /**
   * Sends the header fields and what was written so far, and leaves the response open.
   *
   * @returns A promise that settles when the client's side has taken it: await it, so that a slow
   *   client slows the handler down instead of filling the memory.
   * @throws {StreamClosedError} The promise rejects if the client has gone.
   */
  flush(): Promise<void> {
    return this.#exchange.flush();
  }

  /**
   * Completes the response. It need not be called: the end of the verb method does it. If the client
   * has left a response that was kept open, it does nothing.
   *
   * @param chunk As for `write`.
   * @returns A promise that settles when the response was sent, as far as the runtime tells.
   * @throws {Error} If the response is complete already.
   */
  finish(chunk?: string | Uint8Array | object): Promise<void> {
    this.#exchange.finish(chunk);
    return this.#exchange.sent();
  }

  /**
   * Leaves the response open at the end of the verb method: `finish()` must be called. If the client
   * leaves before, the response is complete; see {@linkcode onConnectionClose}.
   */
  keepOpen(): void {
    this.#exchange.keptOpen = true;
  }

  /** Whether the response is complete. */
  get finished(): boolean {
    return this.#exchange.finished;
  }

  /**
   * Sends the client elsewhere, and completes the response.
   *
   * Never pass on a URL that came from the client without checking where it leads:
   * `this.redirect(safeNext(this.getArgument("next", "/")))`.
   *
   * @param url Absolute, or relative to this one. What is not ASCII is percent-encoded.
   * @param options `permanent` gives 301 in place of 302; `status` any status from 300 to 399.
   * @throws {TypeError} If the URL has a control character.
   * @throws {RangeError} If the status is not from 300 to 399.
   */
  redirect(url: string, options: { permanent?: boolean; status?: number } = {}): void {
    const status = options.status ?? (options.permanent ? 301 : 302);
    if (!Number.isInteger(status) || status < 300 || status > 399) {
      throw new RangeError(`Cannot redirect with status ${status}: it must be from 300 to 399`);
    }
    this.setStatus(status);
    this.setHeader("Location", locationOf(url));
    this.finish();
  }

  /**
   * Answers with an error page, in place of what was set and written.
   *
   * @param status The status; 500 unless given.
   * @param options `error` is passed on to `writeError`; `reason` is what the error page shows in place
   *   of the standard one.
   */
  sendError(status: number = 500, options: { error?: unknown; reason?: string } = {}): void {
    sendError(this.#exchange, status, options);
  }

  /**
   * Writes the error page. Override it for a page of your own: it may `write`, `setHeader` and
   * `finish`. The response waits for its promise, and gives way to a plain one if that is rejected.
   *
   * @param status The status, which is set already.
   * @param options `error` is the exception that led here, if one did.
   */
  writeError(status: number, options: { error?: unknown }): void | PromiseLike<void> {
    const page =
      this.#exchange.parts.development?.errorPage(this.#exchange, status, options.error) ??
        this.#plainErrorPage(status, options.error);
    this.setHeader("Content-Type", page.contentType);
    if (!varies(this.getHeader("Vary"), "Accept")) this.addHeader("Vary", "Accept");
    this.finish(page.body);
  }

  #plainErrorPage(status: number, error: unknown): ErrorPage {
    const { reason } = this.#exchange;
    const page = this.settings.serveTraceback && error !== undefined
      ? tracebackPage(error)
      : errorPage(status, { reason, nonce: this.cspNonce });
    return asWanted(page, status, { reason, error, request: this.request });
  }

  /**
   * The entity tag of the response; `null` for none. By default the hash of a body of at least 1 KiB.
   *
   * @param body The whole body.
   */
  computeEtag(body: Chunk): string | null {
    return bodyEtag(body);
  }

  // ---- cookies

  /** The cookies of the request. */
  get cookies(): Readonly<Record<string, string>> {
    return this.request.cookies;
  }

  /** A cookie of the request; `null` if it was not sent. */
  getCookie(name: string): string | null;
  /** A cookie of the request; the default if it was not sent. */
  getCookie<T>(name: string, defaultValue: T): string | T;
  getCookie(name: string, defaultValue: unknown = null): unknown {
    return this.request.cookies[name] ?? defaultValue;
  }

  /**
   * Sets a cookie, in place of one of that name, domain and path that was set before. Anyone can read
   * and change it.
   *
   * @param attributes The path is `/` unless given.
   * @throws {TypeError} If the name, the value or an attribute cannot stand in a cookie.
   */
  setCookie(name: string, value: string, attributes: CookieAttributes = {}): void {
    const all = { path: "/", ...attributes };
    checkCookieAttributes(name, all);
    const { domain, path } = all;
    this.#exchange.setCookie({ name, domain, path }, serializeCookie(name, value, all));
  }

  /**
   * Makes the client forget a cookie.
   *
   * @param attributes The path and the domain that it was set with: browsers keep a cookie whose
   *   path or domain is another.
   */
  clearCookie(name: string, attributes: Omit<CookieAttributes, "expires" | "maxAge"> = {}): void {
    // Browsers take cookies of these names with "Secure" only.
    const secure = /^__(?:Host|Secure)-/i.test(name) ? { secure: true } : {};
    this.setCookie(name, "", { ...secure, ...attributes, expires: new Date(0), maxAge: 0 });
  }

  /** Makes the client forget every cookie that it sent. */
  clearAllCookies(attributes: Omit<CookieAttributes, "expires" | "maxAge"> = {}): void {
    for (const name of Object.keys(this.request.cookies)) {
      // Another site of the same domain can plant a name that cannot be set, and so not cleared.
      if (!isToken(name)) continue;
      this.clearCookie(name, /^__Host-/i.test(name) ? {} : attributes);
    }
  }

  /**
   * Sends a cookie that the client can read but not change, in place of one of that name that was set
   * before (`tornado.web.RequestHandler.set_signed_cookie`, once `set_secure_cookie`).
   *
   * It is signed, not encrypted: keep no secret in it. Browsers drop cookies of more than 4,096 bytes.
   *
   * @param value Text, or bytes.
   * @param options Unless given, it lasts 30 days, scripts cannot read it (`httpOnly`), requests of
   *   other sites do not carry it (`sameSite: "Lax"`), its path is `/`, and it is sent over https only
   *   (`secure`) where the request came by https.
   * @throws {Error} If there is no setting `cookieSecret`.
   * @throws {TypeError} If the name or an attribute cannot stand in a cookie.
   *
   * @example
   * ```ts
   * import { Application, RequestHandler } from "@gustnado/gustnado";
   * import { assertEquals } from "@std/assert";
   *
   * class Login extends RequestHandler {
   *   override post() {
   *     this.setSignedCookie("user", "ada");
   *   }
   *
   *   override get() {
   *     this.write(`Hello, ${this.getSignedCookie("user") ?? "stranger"}`);
   *   }
   * }
   *
   * const app = new Application([["/", Login]], { cookieSecret: crypto.randomUUID() });
   * const login = await app.fetch(new Request("http://localhost/", { method: "POST" }));
   * const [cookie = ""] = login.headers.getSetCookie();
   * const headers = { cookie: cookie.split(";")[0] ?? "" };
   * const response = await app.fetch(new Request("http://localhost/", { headers }));
   * assertEquals(await response.text(), "Hello, ada");
   * ```
   */
  setSignedCookie(
    name: string,
    value: string | Uint8Array,
    options: SignedCookieOptions = {},
  ): void {
    setSignedCookie(this, name, value, options);
  }

  /**
   * A cookie of the request that {@linkcode setSignedCookie} sent; `null` if it was not sent, has
   * been changed, has expired or is not UTF-8. What is wrong is a warning in the general log. The
   * response then has `Vary: Cookie`, so that no shared cache gives it to another visitor.
   *
   * @throws {Error} If there is no setting `cookieSecret`.
   * @throws {RangeError} If an option is out of its range.
   */
  getSignedCookie(name: string, options: GetSignedCookieOptions = {}): string | null {
    return getSignedText(this, name, options);
  }

  /** As {@linkcode getSignedCookie}, for a value that is no text. */
  getSignedCookieBytes(name: string, options: GetSignedCookieOptions = {}): Uint8Array | null {
    return getSignedBytes(this, name, options);
  }

  /**
   * The version of the secret that a signed cookie of the request says it was signed with, whether or
   * not it was; `null` if it was not sent or is malformed.
   *
   * @param options `value` stands in for the cookie of the request.
   */
  getSignedCookieKeyVersion(
    name: string,
    options: Pick<GetSignedCookieOptions, "value"> = {},
  ): number | null {
    return getSignedKeyVersion(this, name, options);
  }

  // ---- user

  /**
   * The user that the request comes from; `null` if it is not known. Found out once, when it is first
   * asked for, by {@linkcode getCurrentUser}; may be set, as in an `async prepare`.
   */
  get currentUser(): unknown {
    if (this.#user !== "known") this.#findUser();
    return this.#currentUser;
  }

  set currentUser(user: unknown) {
    if (isPromiseLike(user)) {
      if (user instanceof Promise) user.catch(() => {});
      throw new TypeError(
        "Cannot use a promise as the current user: declare getCurrentUser as async, " +
          "or set this.currentUser in prepare()",
      );
    }
    this.#currentUser = user;
    this.#user = "known";
  }

  #findUser(): void {
    if (this.#user === "sought") {
      throw new Error(
        "Cannot use this.currentUser while getCurrentUser() runs: it is what finds the user out",
      );
    }
    this.#user = "sought";
    try {
      this.currentUser = this.getCurrentUser();
    } finally {
      if (this.#user === "sought") this.#user = "unknown";
    }
  }

  async #awaitUser(): Promise<void> {
    this.#user = "sought";
    try {
      const user = await this.getCurrentUser();
      this.currentUser = user;
    } finally {
      if (this.#user === "sought") this.#user = "unknown";
    }
  }

  /**
   * Finds out the user. Override it. An `async` function is run before `prepare`; any other when
   * `currentUser` is first asked for. By default it is whom a middleware such as `basicAuth` let in;
   * `null` where none did.
   */
  getCurrentUser(): unknown {
    return this.request.user;
  }

  /**
   * Where `@authenticated` sends those who are not logged in: the setting `loginUrl`.
   *
   * @throws {Error} If there is no such setting.
   */
  getLoginUrl(): string {
    return this.requireSetting("loginUrl", "@authenticated");
  }

  // ---- pages

  /**
   * Renders a template as the response, and completes it (`tornado.web.RequestHandler.render`).
   *
   * What the UI modules on the page need is put into its head and the end of its body.
   *
   * @param templateName The name of the template, as its loader knows it.
   * @param namespace The values of the names in it, beside those that every template has.
   * @returns A promise if the template or a UI module awaits. It need not be awaited.
   * @throws {ParseError} If the template has a mistake.
   * @throws {TemplateError} If an expression of it fails.
   * @throws {Error} If the response is complete already.
   *
   * @example
   * ```ts
   * import { Application, DictLoader, RequestHandler } from "@gustnado/gustnado";
   * import { assertEquals } from "@std/assert";
   *
   * class Greeting extends RequestHandler {
   *   override get(name: string) {
   *     this.render("greeting.html", { name });
   *   }
   * }
   *
   * const templateLoader = new DictLoader({ "greeting.html": "<h1>Hello, {{ name }}</h1>" });
   * const app = new Application([["/hello/:name", Greeting]], { templateLoader });
   * const response = await app.fetch(new Request("http://localhost/hello/<b>"));
   * assertEquals(await response.text(), "<h1>Hello, &lt;b&gt;</h1>");
   * ```
   */
  render(
    templateName: string,
    namespace: Readonly<Record<string, unknown>> = {},
  ): void | Promise<void> {
    return this.#ownPages.render(templateName, namespace);
  }

  /**
   * Renders a template, and gives back its text, without what its UI modules add to a page.
   *
   * @param templateName The name of the template.
   * @param namespace The values of the names in it.
   * @returns A promise if the template or a UI module awaits.
   */
  renderString(
    templateName: string,
    namespace: Readonly<Record<string, unknown>> = {},
  ): string | Promise<string> {
    return this.#ownPages.renderString(templateName, namespace);
  }

  /**
   * Renders a template as the response piece by piece: what is ready is sent before the template
   * awaits, and while a long loop goes on; a slow client slows it down.
   *
   * What the UI modules need goes to the end of the body, since the head has left by then. An error
   * in the middle breaks the response off.
   *
   * @param templateName The name of the template.
   * @param namespace The values of the names in it.
   * @returns Settles when the page is complete. Await it.
   */
  async renderStream(
    templateName: string,
    namespace: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await this.#ownPages.renderStream(templateName, namespace);
  }

  /**
   * Names that all templates of the handler have, beside those of the library. Override it to add
   * some. It runs at every rendering, so leave what is costly to a getter.
   */
  getTemplateNamespace(): Record<string, unknown> {
    return {};
  }

  /** The directory of the handler's templates: the setting `templatePath`, unless overridden. */
  getTemplatePath(): string | undefined {
    return this.settings.templatePath;
  }

  /**
   * Makes the loader of a directory of templates, once per directory and application. By default what
   * the settings ask for.
   *
   * @param templatePath The directory; `""` for none.
   */
  createTemplateLoader(templatePath: string): BaseLoader {
    return this.#ownPages.createTemplateLoader(templatePath);
  }

  /** Writes the links to the scripts that UI modules need, each once. */
  renderLinkedJs(files: readonly string[]): string {
    return this.#ownPages.renderLinkedJs(files);
  }

  /** Writes the scripts that UI modules embed. */
  renderEmbedJs(scripts: readonly string[]): string {
    return this.#ownPages.renderEmbedJs(scripts);
  }

  /** Writes the links to the style sheets that UI modules need, each once. */
  renderLinkedCss(files: readonly string[]): string {
    return this.#ownPages.renderLinkedCss(files);
  }

  /** Writes the styles that UI modules embed. */
  renderEmbedCss(styles: readonly string[]): string {
    return this.#ownPages.renderEmbedCss(styles);
  }

  /**
   * What scripts and styles in the page must carry as their attribute `nonce` to be run, with the
   * middleware `securityHeaders`: `<script nonce="{{ cspNonce }}">`. `""` without it. Scripts and
   * styles of UI modules have it already.
   *
   * Another one is made for each request, so a page with a nonce must not be kept by a shared cache.
   */
  get cspNonce(): string {
    return served(this.request).context?.cspNonce ?? "";
  }

  get #ownPages(): HandlerPages {
    return this.#pages ??= pagesOf(this, this.#exchange);
  }

  // ---- locale

  /**
   * The visitor's locale: by {@linkcode getUserLocale}, else by {@linkcode getBrowserLocale}. Found
   * out once, when it is first asked for; may be set, as in an `async prepare`.
   */
  get locale(): Locale {
    return this.#locale ??= visitorLocale(this);
  }

  set locale(locale: Locale) {
    this.#locale = locale;
  }

  /**
   * The locale that the user chose: a locale, a code, or `null` if there is none. Override it. For
   * one that has to be waited for, set `this.locale` in an `async prepare`.
   */
  getUserLocale(): Locale | string | null {
    return null;
  }

  /**
   * The supported locale that is closest to the `Accept-Language` header.
   *
   * @param defaultCode The code if the header names none; the default locale if it is not supported.
   */
  getBrowserLocale(defaultCode: string = "en_US"): Locale {
    return browserLocale(this, defaultCode);
  }

  // ---- cross-site request forgery

  /**
   * The token that forms send back as `_xsrf`, masked in another way each time. Asking for it sets the
   * cookie that it is compared with, unless the client has one.
   */
  get xsrfToken(): string {
    return this.#xsrfToken ??= issueXsrfToken(this, () => this.#isLoggedIn);
  }

  /**
   * A hidden field with the token, for forms: `{{ xsrfFormHtml() }}` in a template, or
   * ``html`…${raw(this.xsrfFormHtml())}` ``: here it is text, which `html` would escape.
   */
  xsrfFormHtml(): string {
    return `<input type="hidden" name="_xsrf" value="${this.xsrfToken}"/>`;
  }

  /**
   * Checks the token, with the setting `xsrfCookies` and for every method but GET, HEAD and OPTIONS,
   * before `prepare`. It comes in the argument `_xsrf`, or in the header `X-XSRFToken` or
   * `X-CSRFToken`. With the setting `xsrfCheckOrigin` the origin of the request is checked, too.
   * Override it to do nothing for a handler that browsers do not log in to, such as one whose requests
   * carry a key. The upgrade of a WebSocket is a GET, which `checkOrigin` guards. What follows waits
   * for its promise.
   *
   * @throws {HTTPError} (403) If the token is missing or malformed, or is not that of the cookie, or
   *   the request comes from another origin.
   */
  checkXsrfCookie(): void | PromiseLike<void> {
    checkXsrf(this);
  }

  /** Whether somebody is logged in; nobody is while that is being found out. */
  get #isLoggedIn(): boolean {
    return this.#user !== "sought" && Boolean(this.currentUser);
  }

  // ---- other

  /**
   * The URL of a named route.
   *
   * @param args What takes the place of the pattern's groups.
   * @throws {Error} If there is no route of that name, or the arguments do not fit it.
   */
  reverseUrl(name: string, ...args: unknown[]): string {
    return this.application.reverseUrl(name, ...args);
  }

  /**
   * The URL of a file below the setting `staticPath`, with its version: clients keep the file, and
   * ask for it again when it has changed.
   *
   * @param path The path below `staticPath`, with `/` between its parts, not percent-encoded.
   * @param options `includeHost` (default `false`) gives an absolute URL, with the scheme and the
   *   host of the request; `includeVersion` (default `true`) adds `?v=`.
   * @throws {Error} If there is no such setting.
   */
  staticUrl(
    path: string,
    { includeHost = false, includeVersion = true }: {
      includeHost?: boolean;
      includeVersion?: boolean;
    } = {},
  ): string {
    this.requireSetting("staticPath", "staticUrl()");
    const url = this.application.staticUrl(path, { includeVersion });
    return includeHost ? `${this.request.protocol}://${this.request.host}${url}` : url;
  }

  /**
   * A setting that a feature cannot do without.
   *
   * @throws {Error} If it is not set.
   */
  requireSetting<K extends keyof ApplicationSettings>(
    name: K,
    feature: string = "this feature",
  ): NonNullable<ApplicationSettings[K]> {
    const value = this.settings[name];
    if (value) return value as NonNullable<ApplicationSettings[K]>;
    throw new Error(`Cannot use ${feature}: set "${name}" in the application's settings`);
  }

  /**
   * Logs an exception that came out of the handler: an {@linkcode HTTPError} with a message as a
   * warning, without one not at all, and anything else as an error with its stack. Nobody waits for
   * its promise; if that is rejected, both errors are logged.
   */
  logException(error: unknown): void | PromiseLike<void> {
    const logging: unknown = this.application.logException(this.request, error);
    reportRejection(logging, (failure) => logFailedLog(this.request, error, failure));
  }
}
