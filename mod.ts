/**
 * Gustnado is Tornado for Deno: an `Application` of handler classes, WebSockets, and an event-loop
 * toolkit on `Deno.serve`.
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
 * {@linkcode RedirectHandler}, {@linkcode ProxyHandler}, {@linkcode removeSlash}, {@linkcode streamRequestBody},
 * {@linkcode MissingArgumentError}.
 *
 * ## Requests and responses
 *
 * What came, and what is wrong with it: {@linkcode HTTPServerRequest}, {@linkcode receiveUploads},
 * {@linkcode isValidIp}, {@linkcode HTTPInputError}, {@linkcode ValidationError}.
 *
 * ## Cookies and sessions
 *
 * What is remembered of a visitor, signed, sealed, or kept on the server:
 * {@linkcode SessionMixin}, {@linkcode MemorySessionStore}, {@linkcode RedisSessionStore},
 * {@linkcode DenoKvSessionStore}, {@linkcode createSignedValue}, {@linkcode decodeSignedBytes},
 * {@linkcode decodeSignedValue}, {@linkcode getSealedCookie}, {@linkcode getSignatureKeyVersion},
 * {@linkcode openSealedBytes}, {@linkcode openSealedValue}, {@linkcode sealValue},
 * {@linkcode Session}, {@linkcode SessionStore}, {@linkcode setSealedCookie}.
 *
 * ## Log-in
 *
 * By passwords of your own, and with others by OAuth 2.0 and OpenID Connect:
 * {@linkcode authenticated}, {@linkcode safeNext}, {@linkcode hashPassword},
 * {@linkcode verifyPassword}, {@linkcode needsRehash}, {@linkcode OpenIDConnectMixin},
 * {@linkcode OAuth2Mixin}, {@linkcode FacebookGraphMixin}, {@linkcode GitHubOAuth2Mixin},
 * {@linkcode GoogleOAuth2Mixin}, {@linkcode AuthError}, {@linkcode auth}.
 *
 * ## Templates and pages
 *
 * Tornado's template language, its loaders, and the modules of a page: {@linkcode Template},
 * {@linkcode Loader}, {@linkcode DictLoader}, {@linkcode PrecompiledLoader},
 * {@linkcode BaseLoader}, {@linkcode compile}, {@linkcode UIModule}, {@linkcode CompiledTemplate},
 * {@linkcode filterWhitespace}, {@linkcode TemplateModule}, {@linkcode ParseError},
 * {@linkcode TemplateError}, {@linkcode TemplateNotFoundError}, {@linkcode template}.
 *
 * ## Static files
 *
 * Files of a folder, with ranges, validators and versions: {@linkcode StaticFileHandler}.
 *
 * ## WebSockets and event streams
 *
 * Messages both ways, or from the server alone: {@linkcode WebSocketHandler},
 * {@linkcode websocketConnect}, {@linkcode WebSocketClientConnection},
 * {@linkcode EventStreamHandler}, {@linkcode ServerSentEvent}, {@linkcode WebSocketClosedError},
 * {@linkcode WebSocketError}, {@linkcode JSONRPCHandler}, {@linkcode rpc}, {@linkcode JSONRPCError}.
 *
 * ## Topics
 *
 * What is published reaches who has subscribed, in every process, and is kept for those who come back:
 * {@linkcode TopicHandler}, {@linkcode TopicStreamHandler}, {@linkcode TopicRights},
 * {@linkcode topicClientRoute}, {@linkcode topicClientUrl},
 * {@linkcode Publishable}, {@linkcode TopicSubscribeOptions}, {@linkcode FollowOptions},
 * {@linkcode TopicOptions}, {@linkcode TopicSettings}, {@linkcode Position},
 * {@linkcode parsePosition}, {@linkcode formatPosition}, {@linkcode PresenceMember},
 * {@linkcode Broker}, {@linkcode BrokerStatus}, {@linkcode BrokerError}, {@linkcode MemoryBroker},
 * {@linkcode BroadcastChannelBroker}, {@linkcode broadcastBroker}.
 *
 * ## Middleware
 *
 * Functions around every request: {@linkcode Middleware}, {@linkcode RequestContext},
 * {@linkcode securityHeaders}, {@linkcode cors}, {@linkcode rateLimit}, {@linkcode basicAuth},
 * {@linkcode hostAllowList}, {@linkcode MemoryRateLimitStore}, {@linkcode RedisRateLimitStore},
 * {@linkcode requestId}, {@linkcode takeToken}, {@linkcode timeout}.
 *
 * ## HTTP client
 *
 * Requests to others, with timeouts, limits, redirects, retries and a cache:
 * {@linkcode AsyncHTTPClient}, {@linkcode HTTPRequest}, {@linkcode HTTPResponse},
 * {@linkcode HTTPCache}, {@linkcode HTTPClientError}, {@linkcode HTTPBodySizeError},
 * {@linkcode HTTPConnectError}, {@linkcode HTTPNoResponseError}, {@linkcode HTTPProtocolError},
 * {@linkcode HTTPStreamClosedError}, {@linkcode HTTPTimeoutError}.
 *
 * ## Event loop
 *
 * The loop and its timers, coroutines, timeouts and worker threads: {@linkcode IOLoop},
 * {@linkcode PeriodicCallback}, {@linkcode Timer}, {@linkcode sleep}, {@linkcode withTimeout},
 * {@linkcode multi}, {@linkcode WaitIterator}, {@linkcode WorkerPool}, {@linkcode coroutine},
 * {@linkcode isCoroutineFunction}, {@linkcode BadYieldError}, {@linkcode TimeoutError},
 * {@linkcode gen}.
 *
 * ## Locks and queues
 *
 * For code that awaits (`Event` is in the namespace `locks`): {@linkcode Lock},
 * {@linkcode Semaphore}, {@linkcode BoundedSemaphore}, {@linkcode Condition}, {@linkcode Queue},
 * {@linkcode PriorityQueue}, {@linkcode LifoQueue}, {@linkcode QueueClosed},
 * {@linkcode QueueEmpty}, {@linkcode QueueFull}, {@linkcode locks}, {@linkcode queues}.
 *
 * ## Sockets
 *
 * Connections read and written by the rules of a protocol: {@linkcode IOStream},
 * {@linkcode TCPServer}, {@linkcode TCPClient}, {@linkcode bindSockets},
 * {@linkcode bindUnixSocket}, {@linkcode StreamBufferFullError}, {@linkcode StreamClosedError},
 * {@linkcode UnsatisfiableReadError}, {@linkcode iostream}.
 *
 * ## Text and languages
 *
 * Escaping, links, URLs, JSON, translations, and tagged templates of HTML: {@linkcode html},
 * {@linkcode raw}, {@linkcode Html}, {@linkcode Locale}, {@linkcode parseCookie},
 * {@linkcode parseQsBytes}, {@linkcode urlConcat}, {@linkcode escape}, {@linkcode locale}.
 *
 * ## Options
 *
 * Command line, environment and file in one declaration: {@linkcode options}.
 *
 * ## Logging
 *
 * What goes on, in a terminal, a file or a collector: {@linkcode configureLogging},
 * {@linkcode LoggingOptions}.
 *
 * ## Servers and runtimes
 *
 * Where requests come in, and what is beneath: {@linkcode HTTPServer}, {@linkcode ListenOptions},
 * {@linkcode Platform}, {@linkcode UnsupportedFeatureError}.
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

// The reference shows the first five as the top symbols.
export { Application, RequestHandler } from "./src/web/mod.ts";
export { WebSocketHandler } from "./src/websocket/mod.ts";
export { AsyncHTTPClient } from "./src/client/mod.ts";
export { IOLoop } from "./src/concurrent/mod.ts";

export * from "./src/web/mod.ts";
export * from "./src/websocket/mod.ts";
export * from "./src/topics/mod.ts";
export * from "./src/web/session/mod.ts";
export * from "./src/web/static/mod.ts";
export * from "./src/web/pages/mod.ts";
export * from "./src/web/middleware/mod.ts";
export * from "./src/web/uploads/mod.ts";
export * from "./src/proxy/mod.ts";
export * from "./src/auth/mod.ts";
export * from "./src/template/mod.ts";
export * from "./src/text/mod.ts";
export * from "./src/client/mod.ts";
export * from "./src/concurrent/mod.ts";
export * from "./src/net/mod.ts";
export * from "./src/log/mod.ts";

/**
 * The template engine (`tornado.template`).
 *
 * @category Templates and pages
 */
export * as template from "./src/template/mod.ts";
/**
 * Log-in with others (`tornado.auth`).
 *
 * @category Log-in
 */
export * as auth from "./src/auth/mod.ts";
/**
 * The options of a program (`tornado.options`).
 *
 * @category Options
 */
export * as options from "./src/options/mod.ts";
