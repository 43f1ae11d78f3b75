/**
 * An application of handler classes: routes, requests, responses, cookies and the server that runs
 * them (`tornado.web`, `tornado.httpserver`). Pages and static files are loaded where a setting asks for
 * them; their classes are in `./pages` and `./static`.
 *
 * ## Applications and routes
 *
 * Which handler answers which request: {@linkcode Application}, {@linkcode ApplicationSettings},
 * {@linkcode url}, {@linkcode Rule}, {@linkcode RuleRouter}, {@linkcode PathMatches},
 * {@linkcode HostMatches}, {@linkcode AnyMatches}, {@linkcode Matcher},
 * {@linkcode URLPatternMatches}.
 *
 * ## Handlers
 *
 * Classes whose methods answer requests, with the decorators and the exceptions of those methods:
 * {@linkcode RequestHandler}, {@linkcode HTTPError}, {@linkcode Finish}, {@linkcode addSlash},
 * {@linkcode asynchronous}, {@linkcode ErrorHandler}, {@linkcode FallbackHandler},
 * {@linkcode RedirectHandler}, {@linkcode removeSlash}, {@linkcode streamRequestBody},
 * {@linkcode MissingArgumentError}.
 *
 * ## Requests and responses
 *
 * What came, and what is wrong with it: {@linkcode HTTPServerRequest}, {@linkcode isValidIp},
 * {@linkcode HTTPInputError}, {@linkcode ValidationError}.
 *
 * ## Cookies and sessions
 *
 * Values that a visitor keeps, signed: {@linkcode createSignedValue},
 * {@linkcode decodeSignedBytes}, {@linkcode decodeSignedValue},
 * {@linkcode getSignatureKeyVersion}.
 *
 * ## Log-in
 *
 * What guards a page: {@linkcode authenticated}, {@linkcode safeNext}.
 *
 * ## WebSockets and event streams
 *
 * Messages from the server: {@linkcode EventStreamHandler}, {@linkcode ServerSentEvent}.
 *
 * ## Middleware
 *
 * Functions around every request: {@linkcode Middleware}, {@linkcode RequestContext}.
 *
 * ## Servers and runtimes
 *
 * Where requests come in, and what is beneath: {@linkcode HTTPServer}, {@linkcode ListenOptions},
 * {@linkcode Platform}, {@linkcode UnsupportedFeatureError}.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler } from "@gustnado/gustnado/web";
 * import { assertEquals } from "@std/assert";
 *
 * class Greeting extends RequestHandler {
 *   override get(name: string) {
 *     this.write({ hello: name });
 *   }
 * }
 *
 * const app = new Application([["/hello/:name", Greeting]]);
 * const response = await app.fetch(new Request("http://localhost/hello/Ada"));
 * assertEquals(await response.json(), { hello: "Ada" });
 *
 * if (import.meta.main && Deno.args.includes("--listen")) app.listen(8888);
 * ```
 *
 * @module
 */
export { Application } from "./application.ts";
export type { ApplicationSettings } from "./application_settings.ts";
export type { PageSettings } from "./pages/settings.ts";
export type { FormSettings } from "./request/settings.ts";
export type { SessionSettings } from "./session/settings.ts";
export type { SignedSettings } from "./signed/settings.ts";
export type { StaticSettings } from "./static/settings.ts";
export type { ArgumentOptions } from "./request/arguments.ts";
export type { Chunk } from "../http/body/chunk.ts";
export {
  addSlash,
  asynchronous,
  authenticated,
  removeSlash,
  streamRequestBody,
  type VerbMethod,
} from "./decorators.ts";
export { ErrorHandler } from "./error_handler.ts";
export { EventStreamHandler, type ServerSentEvent } from "./event_stream_handler.ts";
export type { HandlerSeed } from "./handler_seed.ts";
export { FallbackHandler } from "./fallback_handler.ts";
export type { HandlerBase, HandlerClass, HandlerStatics } from "./handler_traits.ts";
export { Finish, HTTPError, type HTTPErrorOptions, MissingArgumentError } from "./http_error.ts";
export { HTTPServerRequest } from "./request/http_server_request.ts";
export {
  AnyMatches,
  HostMatches,
  type Matcher,
  PathMatches,
  URLPatternMatches,
} from "./routing/matchers.ts";
export type { Middleware, Next } from "./middleware/middleware.ts";
export type { PathGroups } from "./routing/path_pattern.ts";
export { RedirectHandler } from "./redirect_handler.ts";
export { type Answer, RequestHandler, type SettingsOf } from "./request_handler.ts";
export type { HeaderValue } from "./response/response_fields.ts";
export {
  type FetchFunction,
  type Route,
  type RouteMatch,
  type RoutePattern,
  type Router,
  type RouteTarget,
  Rule,
  RuleRouter,
  url,
} from "./routing/routing.ts";
export {
  type StandardSchema,
  ValidationError,
  type ValidationErrorOptions,
  type ValidationIssue,
  type ValidationResult,
  type ValidationSource,
} from "./validation.ts";
export type { InputIssue } from "./validation.ts";
export type { CookieAttributes } from "../http/fields/cookie.ts";
export type { Fields } from "../http/body/form.ts";
export { HTTPServer } from "../server/http_server.ts";
export {
  HTTPInputError,
  type HTTPInputErrorOptions,
  type HTTPInputStatus,
} from "../http/input_error.ts";
export type { HTTPFile } from "../http/body/multipart.ts";
export type { ListenOptions, ServerOptions } from "../server/settings.ts";
export type {
  BunWebSocketHooks,
  ClientWebSocketInit,
  ConnectionInfo,
  FileStat,
  FileSystem,
  ListenAddress,
  PingableSocket,
  Platform,
  PlatformAnswer,
  PlatformConsole,
  PlatformServeOptions,
  PlatformServer,
  UnhandledError,
  Upgrade,
  UpgradeOptions,
} from "../platform/platform.ts";
export type { ScheduledEvent, WorkerContext } from "../platform/worker_events.ts";
export { UnsupportedFeatureError } from "../platform/unsupported_feature_error.ts";
export { isValidIp } from "../http/target/ip_address.ts";
export type {
  AcceptedSocket,
  SocketAddress,
  SocketListener,
  StreamSocket,
  TcpAddress,
  TlsClientOptions,
  TlsServerOptions,
  UnixAddress,
} from "../platform/deno/deno_net.ts";
export type { CookieSecret } from "./signed/cookie_secret.ts";
export {
  createSignedValue,
  type CreateSignedValueOptions,
  decodeSignedBytes,
  decodeSignedValue,
  type DecodeSignedValueOptions,
  getSignatureKeyVersion,
} from "./signed/signed_value.ts";
export type { SignedValueVersion } from "./signed/signed_value_format.ts";
export type { GetSignedCookieOptions, SignedCookieOptions } from "./signed/signed_cookies.ts";
export { safeNext, type SafeNextOptions } from "./signed/safe_next.ts";
export { RequestContext } from "./middleware/request_context.ts";
