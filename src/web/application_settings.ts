/** The settings of an application. */
import type { CookieAttributes } from "../http/fields/cookie.ts";
import type { CookieSecret } from "./signed/cookie_secret.ts";
import type { Platform } from "../platform/platform.ts";
import type { HandlerClass } from "./handler_traits.ts";
import type { OAuthKeys, OpenIDSettings } from "../auth/oauth_server.ts";
import type { Middleware } from "./middleware/middleware.ts";
import type { BaseLoader } from "../template/loaders/base_loader.ts";
import type { Whitespace } from "../template/syntax/whitespace.ts";
import type { UINames } from "./pages/ui_settings.ts";
import type { RequestHandler } from "./request_handler.ts";
import type { SessionOptions } from "./session/session_options.ts";
import type { StaticFileHandlerClass } from "./static/static_file_handler.ts";
import type { StaticFileOptions } from "./static/static_file_options.ts";
import type { ServerOptions } from "../server/server_context.ts";
import type { SlowPeerPolicy } from "../websocket/limits.ts";

/**
 * What an application can be told. Every setting is optional.
 *
 * An unknown setting, or one of the wrong type, is a `TypeError` when the application is built. What
 * is your own goes into `own`, or into a subclass of `Application`.
 *
 * @typeParam Own The type of the setting `own`.
 */
export interface ApplicationSettings<Own extends object = object> extends ServerOptions {
  /**
   * What is your own: what Python's applications keep in their settings under names that they choose.
   * Handlers have it as `this.settings.own`, of the type that the application gives it. Default none.
   *
   * @example
   * ```ts
   * import { Application, RequestHandler } from "@gustnado/gustnado";
   * import { assertEquals } from "@std/assert";
   *
   * type App = Application<{ contents: Map<string, string> }>;
   *
   * class Page extends RequestHandler<App> {
   *   override get(name: string) {
   *     this.write(this.settings.own.contents.get(name) ?? "nothing");
   *   }
   * }
   *
   * const own = { contents: new Map([["wind", "a gust"]]) };
   * const app: App = new Application([["/:name", Page]], { own });
   * const response = await app.fetch(new Request("http://localhost/wind"));
   * assertEquals(await response.text(), "a gust");
   * ```
   */
  own?: Own;
  /** Development mode: shows tracebacks, and rereads static files. Default `false`. */
  debug?: boolean;
  /** The handler of requests that no route matches. Default: a 404 page. */
  defaultHandlerClass?: HandlerClass;
  /** What the `initialize` of `defaultHandlerClass` receives. Default `{}`. */
  defaultHandlerArgs?: object;
  /**
   * The host whose rules also apply to hosts that no rule matches, unless the request came through a
   * proxy that set `X-Real-Ip`. Default none. Setting it gives up a protection from DNS rebinding.
   */
  defaultHost?: string;
  /**
   * Compress responses with gzip where the client accepts it and the content type compresses.
   * Default `false`. Do not compress pages that hold a secret next to what a client sent (BREACH).
   */
  compressResponse?: boolean;
  /**
   * Is called once per request when the response is complete, in place of the access log. Nobody waits
   * for its promise; if that is rejected, it is logged.
   */
  logFunction?: (handler: RequestHandler) => void | PromiseLike<void>;
  /**
   * Show the stack of an exception on the error page. Default: as `debug`. Never in production: it
   * tells strangers about your code.
   */
  serveTraceback?: boolean;
  /**
   * The directory of the templates. Requests wait until the template engine is loaded; for a bundle,
   * set `templateLoader`. Default none.
   */
  templatePath?: string;
  /** Where templates come from, in place of `templatePath`. Default none. */
  templateLoader?: BaseLoader;
  /**
   * How templates under `templatePath` escape what `{{ }}` prints, unless they say it: the name of a
   * function, a function, or `null` for not at all, which lets every visitor write scripts into
   * pages. Default `"xhtmlEscape"`.
   */
  autoescape?: string | null | ((text: string) => string);
  /**
   * What happens to white space in templates under `templatePath`, unless they say it. Default
   * `"single"` for names that end in `.html` or `.js` and `"all"` for others.
   */
  templateWhitespace?: Whitespace;
  /**
   * Keep templates compiled. If not, each request reads them anew, so that edits show at once.
   * Default `true`; `false` with `debug`.
   */
  compiledTemplateCache?: boolean;
  /**
   * UI modules by their names: an object, a JavaScript module, or several of them. What is no UI
   * module is passed over. Default none.
   */
  uiModules?: UINames;
  /**
   * Functions that templates can call, by their names; the handler is their first argument. Names
   * that do not begin with a lower-case letter are passed over. Default none.
   */
  uiMethods?: UINames;
  /**
   * Check the token against cross-site request forgery on every method but GET, HEAD and OPTIONS; see
   * `RequestHandler.checkXsrfCookie`. Default `false`: set it wherever browsers log in by a cookie.
   */
  xsrfCookies?: boolean;
  /**
   * With `xsrfCookies`: refuse such a request, token or not, if the browser says that a page of another
   * origin made it, by `Sec-Fetch-Site` or else by `Origin`; one that says neither is judged by its
   * token alone. It guards where a token has leaked, or a subdomain that someone else runs has planted
   * a cookie of its own. Default `false`: behind a proxy that changes `Host`, `Origin` never matches,
   * and forms on other origins of yours, subdomains included, no longer work.
   */
  xsrfCheckOrigin?: boolean;
  /** The name of the token's cookie. Default `"_xsrf"`. */
  xsrfCookieName?: string;
  /**
   * Attributes of the token's cookie. Default `path: "/"`, `sameSite: "Lax"`, and `secure` where the
   * request came by https.
   */
  xsrfCookieOptions?: CookieAttributes;
  /**
   * What signed cookies are signed with: text (its UTF-8 counts) or bytes, or a record of them by
   * version, for rotation; see `keyVersion`. Default none.
   *
   * Whoever knows it can forge every signed cookie, and so log in as anyone. Take at least 32 random
   * bytes, such as the output of `openssl rand -base64 32`, and read them from the environment or a
   * secret store, never from the source. A changed secret makes all cookies invalid that it signed.
   * It is hidden from `Object.keys`, JSON, `console.log` and copies of the application's settings.
   */
  cookieSecret?: CookieSecret;
  /**
   * The version of the secret that signs, where `cookieSecret` is a record: the others go on to verify
   * what they signed. Default none; needed then, and only then.
   */
  keyVersion?: number;
  /** Where sessions are kept, and how long they last; see `SessionMixin`. Default: in cookies. */
  session?: SessionOptions;
  /** Where `@authenticated` sends those who are not logged in. Default none. */
  loginUrl?: string;
  /** Functions around every request, the first one outermost. Default none. */
  middleware?: readonly Middleware[];
  /** Arguments in one query or form; more is 400. Default 1,000. */
  maxArguments?: number;
  /** Parts in one multipart form; more is 400. Default 100. */
  maxMultipartParts?: number;
  /** Bytes of the header of one part of a multipart form; more is 400. Default 10 KiB. */
  maxMultipartHeaderBytes?: number;
  /**
   * Milliseconds without traffic after which the peer of a WebSocket is pinged; one that does not
   * answer within `websocketPingTimeout` is dropped. A peer with more than `websocketHighWaterMark`
   * bytes unsent that takes none of them for both times together is dropped, too. Default 30,000. With
   * 0 dead peers stay until TCP gives up on them, and a socket takes about 5 KiB less. Pings of the
   * peer do not count as traffic.
   */
  websocketPingInterval?: number;
  /**
   * Milliseconds above 0 that a peer has to answer a ping. Default `websocketPingInterval`. Deno takes
   * the sum of both, its `idleTimeout`: it drops a peer when that time is over, and pings it when half
   * of it is.
   */
  websocketPingTimeout?: number;
  /**
   * Bytes of one WebSocket message that is received; larger closes with 1009. Default 10 MiB. The
   * runtime refuses frames of 64 MiB by itself, and holds a message of several frames before its
   * size is seen.
   */
  websocketMaxMessageSize?: number;
  /**
   * Bytes unsent above which `await writeMessage()` waits. Default 256 KiB. The runtime is handed no
   * more than these, or one larger message: what it has been handed it keeps, with the connection,
   * even after the close, until a peer that does not read has gone away.
   */
  websocketHighWaterMark?: number;
  /**
   * Bytes unsent above which a peer is slow; see `websocketOnSlow`. Default 16 MiB. What was published
   * waits as a reference to one message for all, which counts for each.
   */
  websocketMaxBufferedBytes?: number;
  /**
   * What becomes of a message for a slow peer. `"close"`, the default, closes with 1008; `"drop"`
   * leaves this message out; `"wait"` sends it: memory is bounded only if every writer awaits
   * `writeMessage()` and `publish()`, and a publisher waits for its slowest subscriber.
   */
  websocketOnSlow?: SlowPeerPolicy;
  /**
   * Messages of one WebSocket that may wait while `onMessage` or `open` is busy; more closes with
   * 1008. Default 1,024.
   */
  websocketInboxMessages?: number;
  /** Bytes that these may have together; more closes with 1008. Default 16 MiB. */
  websocketInboxBytes?: number;
  /** Milliseconds that a peer has to answer a close frame before it is cut. Default 5,000. */
  websocketCloseTimeout?: number;
  /**
   * The directory of the static files. Three routes come before all others: `staticUrlPrefix`,
   * `/favicon.ico` and `/robots.txt`. A relative path starts at the working directory. Default none.
   */
  staticPath?: string;
  /** What the URLs of static files begin with, from slash to slash. Default `"/static/"`. */
  staticUrlPrefix?: string;
  /** The handler of static files. Default `StaticFileHandler`. */
  staticHandlerClass?: StaticFileHandlerClass;
  /** What its `initialize` receives beside `path`; see `StaticFileOptions`. Default `{}`. */
  staticHandlerArgs?: Partial<StaticFileOptions> & Readonly<Record<string, unknown>>;
  /**
   * Remember static files and their versions until they change, which is noticed within 100 ms.
   * Default `true`, but `false` with `debug`: then every request reads them again.
   */
  staticHashCache?: boolean;
  /**
   * Bytes of memory for what is remembered of static files, and for the content of those up to
   * 64 KiB. 0 remembers nothing. Default 16 MiB.
   */
  staticCacheSize?: number;
  /**
   * The provider of `OpenIDConnectMixin`, and what it knows the application by. Hidden, as all that
   * holds a secret, from `Object.keys`, JSON and `console.log` of the settings. Default none.
   */
  openidConnect?: OpenIDSettings;
  /** What Google knows the application by, for `GoogleOAuth2Mixin`; hidden. Default none. */
  googleOauth?: OAuthKeys;
  /** What GitHub knows the application by, for `GitHubOAuth2Mixin`; hidden. Default none. */
  githubOauth?: OAuthKeys;
  /** The identifier of the application at Facebook, for `FacebookGraphMixin`. Default none. */
  facebookApiKey?: string;
  /** The secret of the application at Facebook; hidden. Default none. */
  facebookSecret?: string;
  /** The runtime beneath, where it is not to be detected. */
  platform?: Platform;
}
