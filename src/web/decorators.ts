/**
 * Decorators of handler methods and classes (TC39, no flag needed). Each is a plain function too:
 * `authenticated(method)` gives the guarded method.
 */
import { atOnce } from "../concurrent/coroutine/promise_like.ts";
import { HTTPError } from "./http_error.ts";
import { setRefusal } from "./request/served_request.ts";
import type { RequestHandler } from "./request_handler.ts";
import { safeNext } from "./signed/safe_next.ts";

/**
 * A method that answers a verb.
 *
 * @category Handlers
 */
export type VerbMethod<This extends RequestHandler, Args extends unknown[], Result> = (
  this: This,
  ...args: Args
) => Result;

/**
 * Lets only those through whom `currentUser` knows (`tornado.web.authenticated`).
 *
 * Others are sent to `getLoginUrl()` on GET and HEAD, with the page they wanted in `next`, and get 403
 * on anything else. Anyone can put any URL into `next`: a login page passes it through `safeNext`
 * before it redirects there.
 *
 * @example
 * ```ts
 * import { Application, authenticated, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Secret extends RequestHandler {
 *   @authenticated
 *   override get() {
 *     this.write("only for you");
 *   }
 * }
 *
 * const app = new Application([["/secret", Secret]], { loginUrl: "/login" });
 * const response = await app.fetch(new Request("http://localhost/secret"));
 * assertEquals(response.headers.get("Location"), "/login?next=%2Fsecret");
 * ```
 *
 * @category Log-in
 */
export function authenticated<This extends RequestHandler, Args extends unknown[], Result>(
  method: VerbMethod<This, Args, Result>,
  _context?: ClassMethodDecoratorContext,
): VerbMethod<This, Args, Result> {
  return function (...args) {
    if (this.currentUser) return method.apply(this, args);
    const { method: verb } = this.request;
    if (verb !== "GET" && verb !== "HEAD") throw notLoggedIn(this);
    return answered<Result>(this.redirect(loginUrlOf(this)));
  };
}

/**
 * What a method returns that a decorator has answered for. TypeScript lets a decorator replace a
 * method only by one of the same type, and whoever calls a verb method takes nothing for an answer.
 */
function answered<Result>(nothing: void): Result {
  return nothing as Result;
}

/** Who sends a form cannot be sent to log in first: the form would be lost. */
function notLoggedIn({ request }: RequestHandler): HTTPError {
  setRefusal(request, "nobody is logged in: getCurrentUser() gave none");
  return new HTTPError(403);
}

function loginUrlOf(handler: RequestHandler): string {
  const url = atOnce(
    handler.getLoginUrl(),
    "getLoginUrl()",
    "it must not be async; redirect in an async prepare()",
  );
  if (url.includes("?")) return url;
  // A login page elsewhere needs the whole URL to come back.
  const next = /^[a-z][a-z+.-]*:/i.test(url)
    ? handler.request.fullUrl()
    : safeNext(handler.request.uri);
  return `${url}?next=${encodeURIComponent(next)}`;
}

/**
 * Redirects GET and HEAD of a path without a slash at its end to the one with it, permanently
 * (`tornado.web.addslash`). Other methods get 404. Use it with a pattern such as `/page(/?)`.
 *
 * @example
 * ```ts
 * import { addSlash, Application, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Page extends RequestHandler {
 *   @addSlash
 *   override get() {
 *     this.write("a page");
 *   }
 * }
 *
 * const app = new Application([["/page(/?)", Page]]);
 * const response = await app.fetch(new Request("http://localhost/page?x=1"));
 * assertEquals([response.status, response.headers.get("Location")], [301, "/page/?x=1"]);
 * ```
 *
 * @category Handlers
 */
export function addSlash<This extends RequestHandler, Args extends unknown[], Result>(
  method: VerbMethod<This, Args, Result>,
  _context?: ClassMethodDecoratorContext,
): VerbMethod<This, Args, Result> {
  return function (...args) {
    const { path } = this.request;
    if (path.endsWith("/")) return method.apply(this, args);
    return answered<Result>(redirectPath(this, `${path}/`));
  };
}

/**
 * Redirects GET and HEAD of a path with slashes at its end to the one without, permanently
 * (`tornado.web.removeslash`). Other methods get 404. `/` stays what it is.
 *
 * @example
 * ```ts
 * import { Application, removeSlash, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Page extends RequestHandler {
 *   @removeSlash
 *   override get() {
 *     this.write("a page");
 *   }
 * }
 *
 * const app = new Application([["/page(/?)", Page]]);
 * const response = await app.fetch(new Request("http://localhost/page/"));
 * assertEquals([response.status, response.headers.get("Location")], [301, "/page"]);
 * ```
 *
 * @category Handlers
 */
export function removeSlash<This extends RequestHandler, Args extends unknown[], Result>(
  method: VerbMethod<This, Args, Result>,
  _context?: ClassMethodDecoratorContext,
): VerbMethod<This, Args, Result> {
  return function (...args) {
    const { path } = this.request;
    let end = path.length;
    while (end > 1 && path.charCodeAt(end - 1) === SLASH) end--;
    if (end === path.length) return method.apply(this, args);
    return answered<Result>(redirectPath(this, path.slice(0, end)));
  };
}

const SLASH = 0x2f;

function redirectPath(handler: RequestHandler, path: string): void {
  const { method, query } = handler.request;
  if (method !== "GET" && method !== "HEAD") throw new HTTPError(404);
  // Browsers read "//host" and "/\host" as another site.
  const local = path.replace(/^[/\\]{2,}/, "/");
  handler.redirect(query === "" ? local : `${local}?${query}`, { permanent: true });
}

/**
 * Keeps the response open after the method: it ends when the handler calls `finish()`
 * (`tornado.web.asynchronous`, which newer Tornado has given up for coroutines).
 *
 * Prefer `async` methods: their exceptions are answered, while those of a callback are not.
 *
 * @example
 * ```ts
 * import { Application, asynchronous, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Later extends RequestHandler {
 *   @asynchronous
 *   override get() {
 *     setTimeout(() => this.finish("at last"), 1);
 *   }
 * }
 *
 * const app = new Application([["/", Later]]);
 * const response = await app.fetch(new Request("http://localhost/"));
 * assertEquals(await response.text(), "at last");
 * ```
 *
 * @category Handlers
 */
export function asynchronous<This extends RequestHandler, Args extends unknown[], Result>(
  method: VerbMethod<This, Args, Result>,
  _context?: ClassMethodDecoratorContext,
): VerbMethod<This, Args, Result> {
  return function (...args) {
    this.keepOpen();
    return method.apply(this, args);
  };
}

/**
 * Makes a handler class receive the body as it arrives (`tornado.web.stream_request_body`): the same
 * as `static override readonly streamRequestBody = true`.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler, streamRequestBody } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * @streamRequestBody
 * class Upload extends RequestHandler {
 *   #size = 0;
 *
 *   override dataReceived(chunk: Uint8Array) {
 *     this.#size += chunk.length;
 *   }
 *
 *   override put() {
 *     this.write(`${this.#size} bytes`);
 *   }
 * }
 *
 * const app = new Application([["/", Upload]]);
 * const request = new Request("http://localhost/", { method: "PUT", body: "x".repeat(1000) });
 * assertEquals(await (await app.fetch(request)).text(), "1000 bytes");
 * ```
 *
 * @category Handlers
 */
export function streamRequestBody<Class extends { readonly streamRequestBody: boolean }>(
  handlerClass: Class,
  _context?: ClassDecoratorContext,
): Class {
  Object.defineProperty(handlerClass, "streamRequestBody", { value: true, enumerable: true });
  return handlerClass;
}
