/**
 * Gustnado is Tornado for Deno: an `Application` of handler classes, WebSockets, and an event-loop
 * toolkit on `Deno.serve`.
 *
 * @example
 * ```ts
 * import { Application, RequestHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Main extends RequestHandler {
 *   override get() {
 *     this.write("Hello, world");
 *   }
 * }
 *
 * const app = new Application([["/", Main]]);
 * const response = await app.fetch(new Request("http://localhost/"));
 * assertEquals(await response.text(), "Hello, world");
 * ```
 *
 * @module
 */

export { Application } from "./src/web/application.ts";
export type { ApplicationSettings } from "./src/web/application_settings.ts";
export type { ArgumentOptions } from "./src/web/request/arguments.ts";
export type { Chunk } from "./src/web/response/chunk.ts";
export {
  addSlash,
  asynchronous,
  authenticated,
  removeSlash,
  streamRequestBody,
  type VerbMethod,
} from "./src/web/decorators.ts";
export { ErrorHandler } from "./src/web/error_handler.ts";
export { EventStreamHandler, type ServerSentEvent } from "./src/web/event_stream_handler.ts";
export type { Exchange } from "./src/web/exchange.ts";
export { FallbackHandler } from "./src/web/fallback_handler.ts";
export type { HandlerBase, HandlerClass, HandlerStatics } from "./src/web/handler_traits.ts";
export {
  Finish,
  HTTPError,
  type HTTPErrorOptions,
  MissingArgumentError,
} from "./src/web/http_error.ts";
export { HTTPServerRequest } from "./src/web/request/http_server_request.ts";
export {
  AnyMatches,
  HostMatches,
  type Matcher,
  PathMatches,
  URLPatternMatches,
} from "./src/web/routing/matchers.ts";
export type { Middleware, Next } from "./src/web/middleware/middleware.ts";
export type { PathGroups } from "./src/web/routing/path_pattern.ts";
export { RedirectHandler } from "./src/web/redirect_handler.ts";
export { type Answer, RequestHandler, type SettingsOf } from "./src/web/request_handler.ts";
export type { HeaderValue } from "./src/web/response/response_fields.ts";
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
} from "./src/web/routing/routing.ts";
export {
  type StandardSchema,
  ValidationError,
  type ValidationErrorOptions,
  type ValidationIssue,
  type ValidationResult,
  type ValidationSource,
} from "./src/web/validation.ts";

export type { InputIssue } from "./src/web/input_issue.ts";

export type { CookieAttributes } from "./src/http/fields/cookie.ts";
export type { Fields } from "./src/http/body/form.ts";
export { HTTPServer, type ListenOptions } from "./src/server/http_server.ts";
export { HTTPInputError, type HTTPInputStatus } from "./src/http/input_error.ts";
export type { HTTPFile } from "./src/http/body/multipart.ts";
export type { ServerOptions } from "./src/server/server_context.ts";

export type {
  ConnectionInfo,
  FileStat,
  FileSystem,
  ListenAddress,
  Platform,
  PlatformServeOptions,
  PlatformServer,
  UnhandledError,
  Upgrade,
} from "./src/platform/platform.ts";
export { UnsupportedFeatureError } from "./src/platform/standard.ts";

export type { WebSocketCompressionOptions } from "./src/websocket/engine_features.ts";
export type { SlowPeerPolicy } from "./src/websocket/limits.ts";
export { WebSocketClosedError, WebSocketError } from "./src/websocket/web_socket_error.ts";
export { WebSocketHandler } from "./src/websocket/web_socket_handler.ts";

export type { FileAccess, FileContent, FilePart } from "./src/web/static/file_content.ts";
export {
  StaticFileHandler,
  type StaticFileHandlerClass,
} from "./src/web/static/static_file_handler.ts";
export type { StaticFileOptions } from "./src/web/static/static_file_options.ts";
export * as locks from "./src/concurrent/locks/mod.ts";
export * as queues from "./src/concurrent/queues/mod.ts";
export { BoundedSemaphore } from "./src/concurrent/locks/bounded_semaphore.ts";
export { Condition } from "./src/concurrent/locks/condition.ts";
export { Lock } from "./src/concurrent/locks/lock.ts";
export { Semaphore } from "./src/concurrent/locks/semaphore.ts";
export { LifoQueue } from "./src/concurrent/queues/lifo_queue.ts";
export {
  PriorityQueue,
  type PriorityQueueOptions,
} from "./src/concurrent/queues/priority_queue.ts";
export { Queue, type QueueOptions } from "./src/concurrent/queues/queue.ts";
export { QueueClosed, QueueEmpty, QueueFull } from "./src/concurrent/queues/queue_errors.ts";
export type { QueueStorage } from "./src/concurrent/queues/queue_storage.ts";
export type { Compare } from "./src/concurrent/collections/binary_heap.ts";
export { TimeoutError } from "./src/concurrent/waiting/timeout_error.ts";
export type { WaitOptions } from "./src/concurrent/waiting/wait_options.ts";
export * as gen from "./src/concurrent/coroutine/mod.ts";
export {
  coroutine,
  type CoroutineBody,
  isCoroutineFunction,
} from "./src/concurrent/coroutine/coroutine.ts";
export { BadYieldError, type Yieldable, type Yielded } from "./src/concurrent/coroutine/runner.ts";
export { multi, type MultiOptions } from "./src/concurrent/coroutine/multi.ts";
export { sleep, type SleepOptions } from "./src/concurrent/coroutine/sleep.ts";
export { withTimeout, type WithTimeoutOptions } from "./src/concurrent/waiting/with_timeout.ts";
export { WaitIterator, type WaitIteratorInputs } from "./src/concurrent/coroutine/wait_iterator.ts";
export type { ErrorClass, Quiet } from "./src/concurrent/coroutine/quiet.ts";
export { IOLoop, type RunSyncOptions } from "./src/concurrent/loop/io_loop.ts";
export type { TimeDelta } from "./src/concurrent/loop/time_delta.ts";
export type { BlockingMetrics } from "./src/concurrent/loop/blocking_watchdog.ts";
export type { Callback } from "./src/concurrent/loop/guarded_call.ts";
export { Timer, type TimerOptions } from "./src/concurrent/loop/timer.ts";
export {
  PeriodicCallback,
  type PeriodicCallbackOptions,
} from "./src/concurrent/loop/periodic_callback.ts";
export {
  WorkerPool,
  type WorkerPoolOptions,
  type WorkerPoolShutdownOptions,
} from "./src/concurrent/workers/worker_pool.ts";
export type { WorkerTask, WorkerTaskOptions } from "./src/concurrent/workers/worker_task.ts";
export * as iostream from "./src/net/iostream/mod.ts";
export {
  IOStream,
  type IOStreamOptions,
  type ReadBytesOptions,
  type ReadUntilOptions,
  type StartTlsOptions,
} from "./src/net/iostream/io_stream.ts";
export {
  StreamBufferFullError,
  StreamClosedError,
  UnsatisfiableReadError,
} from "./src/net/iostream/stream_errors.ts";
export { TCPServer, type TCPServerOptions } from "./src/net/tcp_server.ts";
export { type ConnectOptions, type ConnectUnixOptions, TCPClient } from "./src/net/tcp_client.ts";
export {
  bindSockets,
  type BindSocketsOptions,
  bindUnixSocket,
  type BindUnixSocketOptions,
} from "./src/net/bind_sockets.ts";
export { isValidIp } from "./src/http/target/ip_address.ts";
export type {
  AcceptedConnection,
  Connection,
  SocketAddress,
  SocketListener,
  TcpAddress,
  TlsClientOptions,
  TlsServerOptions,
  UnixAddress,
} from "./src/platform/deno_net.ts";

// Text and templates

// Text, templates and pages
/** The escaping functions of pages and URLs (`tornado.escape`). */
export * as escape from "./src/text/escape/mod.ts";
export {
  parseCookie,
  parseQsBytes,
  type ParseQsBytesOptions,
  urlConcat,
} from "./src/text/escape/mod.ts";
/** Languages: translations, dates, numbers and lists (`tornado.locale`). */
export * as locale from "./src/text/locale/mod.ts";
/** The template engine (`tornado.template`). */
export * as template from "./src/template/mod.ts";
export {
  BaseLoader,
  CompiledTemplate,
  DictLoader,
  Loader,
  type LoaderOptions,
  ParseError,
  type ParseErrorOptions,
  PrecompiledLoader,
  Template,
  type TemplateCode,
  TemplateError,
  type TemplateErrorOptions,
  type TemplateOptions,
  type TemplatePlace,
  type TemplateSurroundings,
  type Whitespace,
} from "./src/template/mod.ts";
export type { DateFormatOptions, Locale, PlaceholderValues } from "./src/text/locale/mod.ts";
export { Html } from "./src/text/html.ts";
export { html, raw } from "./src/text/html_tag.ts";
export { TemplateModule, type TemplateResources } from "./src/web/pages/template_module.ts";
export { UIModule, type UIModuleClass, type UIModuleOutput } from "./src/web/pages/ui_module.ts";
export type { UIMethod, UINames } from "./src/web/pages/ui_settings.ts";

export {
  AsyncHTTPClient,
  type AsyncHTTPClientOptions,
  type Fetchable,
  type FetchAllOptions,
  type FetchOptions,
} from "./src/client/async_http_client.ts";
export {
  HTTPBodySizeError,
  HTTPClientError,
  type HTTPClientErrorOptions,
  HTTPConnectError,
  HTTPNoResponseError,
  HTTPProtocolError,
  HTTPStreamClosedError,
  HTTPTimeoutError,
} from "./src/client/client_error.ts";
export {
  type CachePolicy,
  type CachePolicyClass,
  type CacheRequest,
  type CacheResponse,
  HTTPCache,
  type HTTPCacheOptions,
} from "./src/client/http_cache.ts";
export type { CookieJar } from "./src/client/cookie_jar.ts";
export {
  type BodyWriter,
  HTTPRequest,
  type HTTPRequestOptions,
  type RequestBody,
} from "./src/client/http_request.ts";
export { HTTPResponse, type HTTPResponseParts, type TimeInfo } from "./src/client/http_response.ts";
export type { RetryOptions } from "./src/client/attempt/retry.ts";
export type { ReconnectOptions } from "./src/websocket/client/reconnection.ts";
export {
  WebSocketClientConnection,
  type WebSocketMessage,
} from "./src/websocket/client/web_socket_client_connection.ts";
export {
  websocketConnect,
  type WebSocketConnectOptions,
} from "./src/websocket/client/websocket_connect.ts";

export type { CookieSecret } from "./src/web/signed/cookie_secret.ts";
export {
  createSignedValue,
  type CreateSignedValueOptions,
  decodeSignedBytes,
  decodeSignedValue,
  type DecodeSignedValueOptions,
  getSignatureKeyVersion,
} from "./src/web/signed/signed_value.ts";
export type { SignedValueVersion } from "./src/web/signed/signed_value_format.ts";
export type {
  GetSignedCookieOptions,
  SignedCookieOptions,
} from "./src/web/signed/signed_cookies.ts";
export { safeNext, type SafeNextOptions } from "./src/web/signed/safe_next.ts";
// Middleware
export { RequestContext } from "./src/web/middleware/request_context.ts";
export {
  basicAuth,
  type BasicAuthOptions,
  type BasicAuthVerifier,
} from "./src/web/middleware/basic_auth.ts";
export type { CspDirectives } from "./src/web/middleware/content_security_policy.ts";
export { cors, type CorsOptions } from "./src/web/middleware/cors.ts";
export { hostAllowList } from "./src/web/middleware/host_allow_list.ts";
export {
  MemoryRateLimitStore,
  type MemoryRateLimitStoreOptions,
} from "./src/web/middleware/memory_rate_limit_store.ts";
export type { AllowedOrigins, OriginPredicate } from "./src/web/middleware/origin_matcher.ts";
export {
  rateLimit,
  type RateLimitKey,
  type RateLimitOptions,
} from "./src/web/middleware/rate_limit.ts";
export {
  RedisRateLimitStore,
  type RedisRateLimitStoreOptions,
} from "./src/web/middleware/redis_rate_limit_store.ts";
export { requestId, type RequestIdOptions } from "./src/web/middleware/request_id.ts";
export {
  securityHeaders,
  type SecurityHeadersOptions,
  type StrictTransportSecurityOptions,
} from "./src/web/middleware/security_headers.ts";
export { timeout } from "./src/web/middleware/timeout.ts";
export {
  type RateLimitStore,
  takeToken,
  type TokenBucket,
  type TokenGrant,
} from "./src/web/middleware/token_bucket.ts";
export type { RedisCommands } from "./src/redis/redis_commands.ts";

// Sealed values, sessions, passwords
export {
  openSealedBytes,
  openSealedValue,
  type OpenSealedValueOptions,
  sealValue,
  type SealValueOptions,
} from "./src/web/signed/sealed_value.ts";
export { getSealedCookie, setSealedCookie } from "./src/web/signed/sealed_cookie.ts";
export {
  DenoKvSessionStore,
  type DenoKvSessionStoreOptions,
  type KvDatabase,
  type KvEntry,
  type KvTransaction,
} from "./src/web/session/deno_kv_session_store.ts";
export {
  MemorySessionStore,
  type MemorySessionStoreOptions,
} from "./src/web/session/memory_session_store.ts";
export {
  RedisSessionStore,
  type RedisSessionStoreOptions,
} from "./src/web/session/redis_session_store.ts";
export type { Session, SessionKey } from "./src/web/session/session.ts";
export { type SessionMembers, SessionMixin } from "./src/web/session/session_mixin.ts";
export type { SessionCookieOptions, SessionOptions } from "./src/web/session/session_options.ts";
export type { ReplaceOptions, SessionStore } from "./src/web/session/session_store.ts";
export { hashPassword, needsRehash, verifyPassword } from "./src/auth/passwords/password.ts";
export type { ScryptParameters } from "./src/auth/passwords/password_hash.ts";

// Log-in with OAuth and OpenID Connect
/** Log-in with others (`tornado.auth`). */
export * as auth from "./src/auth/mod.ts";
export {
  type AuthenticatedUser,
  AuthError,
  type AuthErrorKind,
  type AuthErrorOptions,
  type AuthorizeOptions,
  type ClientOptions,
  type FacebookGraphHandler,
  type FacebookGraphHandlerClass,
  FacebookGraphMixin,
  type FacebookUser,
  type FacebookUserOptions,
  type GetAuthenticatedUserOptions,
  type GitHubOAuth2Handler,
  type GitHubOAuth2HandlerClass,
  GitHubOAuth2Mixin,
  type GitHubUser,
  GoogleOAuth2Mixin,
  type IDClaims,
  type JsonValue,
  type LogoutOptions,
  type OAuth2Handler,
  type OAuth2HandlerClass,
  OAuth2Mixin,
  type OAuth2RequestOptions,
  type OAuthKeys,
  type OAuthServer,
  type OpenIDAuthorizeOptions,
  type OpenIDConnectHandler,
  type OpenIDConnectHandlerClass,
  OpenIDConnectMixin,
  type OpenIDRefreshOptions,
  type OpenIDSettings,
  type OpenIDUser,
  type Profile,
  type ServerMetadata,
  type TokenSet,
  type UserinfoOptions,
} from "./src/auth/mod.ts";
