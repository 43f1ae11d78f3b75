/** The application: routes, settings, and the way in. */
import { bareHint, otherRoute } from "../checks/mistakes.ts";
import { HTTPInputError } from "../http/input_error.ts";
import {
  type BunWebSocketHooks,
  type ConnectionInfo,
  detectPlatform,
  type Platform,
} from "../platform/platform.ts";
import {
  accessLog,
  accessTellsReasons,
  generalLog,
  isEnabled,
  logApplicationError,
  logFailedLog,
} from "../log.ts";
import { type ApplicationSettings, checkSettings, hideSecrets } from "./application_settings.ts";
import type { ScheduledEvent, WorkerContext } from "../platform/worker_events.ts";
import { checkCallback } from "../concurrent/loop/guarded_call.ts";
import { atOnce, isPromiseLike, reportRejection } from "../concurrent/coroutine/promise_like.ts";
import { ErrorHandler } from "./error_handler.ts";
import { Exchange } from "./exchange.ts";
import { live } from "./life_cycle.ts";
import { HTTPError, type HTTPErrorOptions } from "./http_error.ts";
import type { Broker } from "../topics/broker/broker.ts";
import type { Position } from "../topics/broker/position.ts";
import type { PresenceMember } from "../topics/feed/topic_subscriber.ts";
import type { HTTPServer } from "../server/http_server.ts";
import type { ListenOptions } from "../server/settings.ts";
import type { HTTPServerRequest } from "./request/http_server_request.ts";
import { IncomingRequest } from "./request/incoming_request.ts";
import {
  keepRefusal,
  receive,
  served,
  ServedRequest,
  setRefusal,
} from "./request/served_request.ts";
import { HostMatches, type Matcher } from "./routing/matchers.ts";
import {
  checkUpgrade,
  compose,
  type Dispatch,
  internalError,
  PendingAnswer,
  unavailable,
} from "./middleware/middleware.ts";
import { NO_GROUPS } from "./routing/path_pattern.ts";
import { checkRoute } from "./routing/route_check.ts";
import type { RequestHandler } from "./request_handler.ts";
import {
  type Route,
  type RouteMatch,
  type Router,
  Rule,
  RuleRouter,
  rulesOf,
} from "./routing/routing.ts";
import { announce, listeningPlace, type ServingPlace } from "./setting_modules.ts";
import { SettingParts } from "./setting_parts.ts";
import { contextOf, type ErrorResponder, ServedContext } from "./middleware/served_context.ts";
import { ApplicationLife } from "../server/application_life.ts";
import { joinRuntimeServer } from "../server/runtime_server.ts";
import { ServerContext } from "../server/server_context.ts";

/**
 * What stands behind an application, for those within the house.
 *
 * @internal
 */
export function partsOf(application: Application): SettingParts {
  return Application["partsOf"](application);
}

/**
 * Starts a server on another platform than the application's, for those within the house: a test has
 * one that listens nowhere.
 *
 * @internal
 */
export function serveOn(
  application: Application,
  place: ServingPlace,
  options: ListenOptions,
): HTTPServer {
  return Application["serveOn"](application, place, options);
}

/**
 * Keeps why a request is refused, for the log.
 *
 * @returns Whether the line of the access log will tell it: then nobody else need say so.
 * @internal
 */
export function tellRefusal(
  application: Application,
  request: HTTPServerRequest,
  reason: string,
): boolean {
  return Application["tellRefusal"](application, request, reason);
}

/**
 * Routes requests to handlers (`tornado.web.Application`).
 *
 * @typeParam Own The type of the setting `own`.
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
 * @category Applications and routes
 */
export class Application<Own extends object = object> implements Router {
  /** The settings, as they were given; secrets are there, but not enumerable. */
  readonly settings: Readonly<ApplicationSettings<Own>>;
  /** The runtime beneath. */
  readonly platform: Platform;

  // For the functions above. Static and private: a static block would keep bundlers from leaving out the
  // class, and `#` would hide it from them.
  /** The parts that the settings have made, for the rest of the house. */
  private static partsOf(application: Application): SettingParts {
    return application.#parts;
  }

  /** Serves on a platform of the caller's, for the rest of the house. */
  private static serveOn(
    application: Application,
    place: ServingPlace,
    options: ListenOptions,
  ): HTTPServer {
    return application.#serve(place, 0, options);
  }

  /** Logs a refusal, for the rest of the house. */
  private static tellRefusal(
    application: Application,
    request: HTTPServerRequest,
    reason: string,
  ): boolean {
    return application.#refuse(request, reason);
  }

  readonly #parts: SettingParts;
  readonly #router: RuleRouter;
  readonly #hosts: HostMatches[] = [];
  #hostRouter: RuleRouter | null = null;
  readonly #notFound: RouteMatch;
  readonly #context: ServerContext;
  #standalone: Dispatch | undefined;
  #webSocketHooks: BunWebSocketHooks | undefined;
  readonly #life: ApplicationLife = new ApplicationLife(
    () => this.#begin(),
    () => this.#endTopics(),
  );
  /** Applications that are mounted in this one, and whose topics a request of it has started. */
  readonly #mounted: Set<Application> = new Set();
  #starting: Promise<void> | undefined;

  /**
   * Builds the application.
   *
   * @param rules The routes, in the order in which they are tried.
   * @param settings See {@linkcode ApplicationSettings}.
   * @throws {TypeError} If a setting is unknown or ill-typed, or a route is malformed.
   */
  constructor(rules: readonly Route[] = [], settings: ApplicationSettings<Own> = {}) {
    checkSettings(settings);
    this.settings = hideSecrets(settings);
    this.platform = settings.platform ?? detectPlatform();
    this.#context = new ServerContext(settings, this.platform, this.#life);
    const { defaultHandlerClass = ErrorHandler, defaultHandlerArgs: args = {} } = settings;
    checkRoute(defaultHandlerClass, { pattern: "", args, groupCount: 0, isDefault: true });
    this.#router = new RuleRouter(rules);
    const routers = () => [this.#hostRouter, this.#router].filter((router) => router !== null);
    this.#parts = new SettingParts(this.settings, this.#router, routers);
    this.#waitFor(this.#parts.loading);
    this.#notFound = { handlerClass: defaultHandlerClass, args, groups: NO_GROUPS };
  }

  /** Requests wait for what has to be loaded first. If it cannot be, they are answered with 503. */
  #waitFor(loading: Promise<unknown> | undefined): void {
    const starting = this.#starting = loading?.then(() => {
      if (this.#starting === starting) this.#starting = undefined;
    });
    starting?.catch(() => {});
  }

  /**
   * Is called once before the first request, by `listen` or, where there is none, by `fetch`: opens what
   * the handlers need. Does nothing unless overridden. The setting `broker` is opened at the same time, and
   * closed when the callbacks of `onShutdown` are done.
   *
   * Requests wait until its promise settles. If it fails, `listen` throws, or the server ends, its
   * `finished` rejects, and the process ends with code 1 unless `handleSignals` is `false`; `fetch`
   * answers with 503, and tries again with the next request.
   *
   * After the last server has stopped, the next one starts the application again.
   */
  onStart(): void | Promise<void> {}

  /**
   * Registers what is called when the application ends: after its last server has stopped, by a signal
   * or by `shutdown()`. Callbacks run in reverse order, each when the one before it is done, and once.
   * What they throw is logged. Those that have not settled within the grace period are given up.
   *
   * @param callback Closes a database, stops a timer, …
   * @throws {TypeError} If it is not a function.
   *
   * @example
   * ```ts
   * import { Application } from "@gustnado/gustnado";
   *
   * class Blog extends Application {
   *   override onStart() {
   *     const timer = setInterval(() => {}, 60_000);
   *     this.onShutdown(() => clearInterval(timer));
   *   }
   * }
   *
   * await using server = new Blog().listen(0);
   * ```
   */
  onShutdown(callback: () => unknown): void {
    checkCallback(callback, "call at the end");
    this.#life.onShutdown(callback);
  }

  #begin(): Promise<unknown> | undefined {
    const waits = [this.onStart(), this.#parts.startTopics()].filter(isPromiseLike);
    const starting = waits.length > 0 ? Promise.all([...waits, this.#parts.loading]) : undefined;
    this.#waitFor(starting ?? this.#parts.loading);
    return starting;
  }

  /** What is mounted has no start of its own; its broker is opened and closed with this application's. */
  #startTopicsOf(mounted: Application): void {
    const { topicKit } = mounted.#parts;
    if (!topicKit.isSet || this.#mounted.has(mounted)) return;
    this.#mounted.add(mounted);
    // Whatever needs the broker tries again, and tells why it cannot be opened.
    topicKit.start()?.catch(() => {});
  }

  async #endTopics(): Promise<void> {
    const mounted = [...this.#mounted];
    this.#mounted.clear();
    await Promise.all([
      this.#parts.endTopics(),
      ...mounted.map((application) => application.#endTopics()),
    ]);
  }

  /**
   * Answers a request: the one way in, for `Deno.serve`, `deno serve`, edge runtimes and tests. It is
   * bound, so it can be passed on as it is. It never throws and never rejects.
   *
   * @param request The request.
   * @param info What the runtime knows of the connection; of Workers, their environment.
   * @param context The context of Workers. Handlers have both by `getEnvironment` and `waitUntil`.
   */
  readonly fetch = (
    request: Request,
    info?: ConnectionInfo | object,
    context?: WorkerContext,
  ): Response | Promise<Response> => {
    const connection = context === undefined ? info : workerConnection(info, context);
    return (this.#standalone ?? this.#startStandalone())(request, connection);
  };

  /**
   * Answers a cron trigger of Workers: runs the periodic callbacks whose time has come, and keeps the
   * worker until they are done. It is bound, and never throws.
   *
   * Workers have no timers between requests. There a `PeriodicCallback` that was started waits for this
   * call; one that comes at least as often as the shortest period runs them all. A worker that was started
   * meanwhile does not know when a callback ran last, and runs it at once: it must be harmless to run it
   * once more. Elsewhere timers run them, and this does nothing.
   *
   * @param event The event.
   * @param _environment The environment of the worker, which is not looked at.
   * @param context The context of the event.
   */
  readonly scheduled = (
    event: ScheduledEvent,
    _environment?: object,
    context?: WorkerContext,
  ): Promise<void> => {
    const done = runDue(event.scheduledTime);
    context?.waitUntil(done);
    return done;
  };

  /**
   * What Bun needs besides {@linkcode fetch} where it serves a default export, for WebSockets: found there
   * with `export default app`, and to be passed on in `export default { port, fetch: app.fetch, websocket:
   * app.websocket }` and in `Bun.serve`. `undefined` on other runtimes, which need nothing.
   */
  get websocket(): BunWebSocketHooks | undefined {
    return this.#webSocketHooks ??= this.platform.webSocketHooks?.(this.#context.maxMessageSize);
  }

  /** The first request that comes without a server of `listen`. */
  #startStandalone(): Dispatch {
    const own = this.#dispatcher(this.#context);
    const dispatch = this.#standalone = this.platform.joinable?.(own) ?? own;
    const byRuntime = this.platform.calledByRuntimeServer();
    try {
      const fail = (error: unknown) => this.#failStandalone(error);
      this.#life.start()?.then(undefined, fail);
    } catch (error) {
      this.#failStandalone(error);
      return unavailable;
    }
    joinRuntimeServer(this.#context, byRuntime);
    return dispatch;
  }

  /** The next request tries again. */
  #failStandalone(error: unknown): void {
    this.#standalone = undefined;
    logApplicationError("Cannot start the application: onStart() failed", error);
  }

  /** The function that answers the requests of one server. */
  #dispatcher(context: ServerContext): Dispatch {
    const inner: Dispatch = (request, info) => this.#dispatch(request, info, context);
    const { middleware } = this.settings;
    if (middleware === undefined || middleware.length === 0) return inner;
    const outer = compose(middleware, inner);
    const upgrades = context.upgrades ??= new WeakMap();
    const respond = this.#errorResponder(context);
    return (raw, info = {}) => {
      const served = contextOf(info) ??
        new ServedContext(new IncomingRequest(raw, info, context), respond);
      const response = outer(raw, served);
      const keep = (response: Response) => {
        return checkUpgrade(raw, response, { kept: upgrades.get(raw), platform: context.platform });
      };
      if (!(response instanceof Promise)) return keep(response);
      served.waits = true;
      return new PendingAnswer(response, context.openWork).response.then(keep);
    };
  }

  /** Answers for middleware: as a handler would, with an error page and a line in the log. */
  #errorResponder(server: ServerContext): ErrorResponder {
    return (context, args) => {
      const timed = server.timed || logsAccess(this);
      const request = receive(context.raw, context, server, timed);
      request.refusal = context.refusal;
      return live(new Exchange(this, this.#parts, request, errorMatch(args)));
    };
  }

  #dispatch(
    raw: Request,
    info: ConnectionInfo | undefined,
    context: ServerContext,
  ): Response | Promise<Response> {
    if (this.#starting !== undefined) {
      return this.#starting.then(() => this.#dispatch(raw, info, context), unavailable);
    }
    if (contextOf(info)?.abandoned) return unavailable();
    const timed = context.timed || logsAccess(this);
    const request = receive(raw, info, context, timed);
    try {
      const { problem } = request;
      const match = problem === null
        ? this.#route(request)
        : errorMatch({ statusCode: 400, logMessage: problem });
      if (isElsewhere(match)) return this.#dispatchMounted(match, { raw, info, context, request });
      return live(new Exchange(this, this.#parts, request, match));
    } catch (error) {
      // A router of the application's own may give anything.
      return internalError(`Cannot answer ${request}`, error);
    }
  }

  /** Has an application that is mounted in this one answer. */
  #dispatchMounted(
    match: RouteMatch,
    { raw, info, context, request }: {
      readonly raw: Request;
      readonly info: ConnectionInfo | undefined;
      readonly context: ServerContext;
      readonly request: ServedRequest;
    },
  ): Response | Promise<Response> {
    const { application = this } = match;
    if (application.#starting !== undefined) {
      return application.#starting.then(() => this.#dispatch(raw, info, context), unavailable);
    }
    if (application !== this) this.#startTopicsOf(application);
    if (match.mounted !== undefined && match.mounted !== this) {
      return match.mounted.#dispatcher(context)(raw, info);
    }
    return live(new Exchange(application, application.#parts, request, match));
  }

  #route(request: HTTPServerRequest): RouteMatch {
    try {
      return this.#find(request);
    } catch (error) {
      // Only a router or a matcher of the application's own can fail.
      const logging: unknown = this.logException(request, error);
      reportRejection(logging, (failure) => logFailedLog(request, error, failure));
      return errorMatch({ statusCode: 500 });
    }
  }

  /**
   * The handler of a request: of the first route that matches, else `defaultHandlerClass`, else a
   * 404.
   */
  findHandler(request: HTTPServerRequest): RouteMatch {
    return mountedMatch(this, this.#find(request));
  }

  #find(request: HTTPServerRequest): RouteMatch {
    return this.#parts.development?.find(request) ?? this.#hostRouter?.findHandler(request) ??
      this.#router.findHandler(request) ?? this.#miss(request);
  }

  #miss(request: HTTPServerRequest): RouteMatch {
    if (request instanceof ServedRequest) setRefusal(request, NO_ROUTE);
    return this.#notFound;
  }

  /**
   * Adds routes for the hosts that a pattern matches. They are tried before those that the
   * application was made with.
   *
   * @param hostPattern `"example.com"`, `"*.example.com"`, `"*"` (or Tornado's `".*"`) for all, or a
   *   `RegExp` on the whole host, which is in lower case and without its port.
   * @throws {SyntaxError} If no host could match the pattern.
   */
  addHandlers(hostPattern: string | RegExp, rules: readonly Route[]): void {
    const matcher = new HostMatches(hostPattern);
    const router = new RuleRouter(rules);
    (this.#hostRouter ??= new RuleRouter()).addRules([new Rule(matcher, router)]);
    this.#hosts.push(matcher);
    const { defaultHost } = this.settings;
    if (defaultHost !== undefined && matcher.matches(defaultHost)) {
      this.#router.addRules([new Rule(this.#defaultHostMatcher(), router)]);
    }
  }

  /** Matches hosts that no host rule does, of clients that come without a proxy. */
  #defaultHostMatcher(): Matcher {
    return {
      match: (request) => {
        const known = this.#hosts.some((host) => host.matches(request.hostName));
        const proxied = request.header("x-real-ip") !== null;
        return known || proxied ? null : NO_GROUPS;
      },
    };
  }

  /**
   * The URL of a named route.
   *
   * @param args What takes the place of the pattern's groups; percent-encoded.
   * @throws {Error} If there is no route of that name.
   * @throws {TypeError} If the arguments do not fit its pattern.
   */
  reverseUrl(name: string, ...args: unknown[]): string {
    const url = this.findUrl(name, ...args);
    if (url !== null) return url;
    const rules = [...rulesOf(this.#hostRouter), ...rulesOf(this.#router)];
    const wayOut = otherRoute(name, rules, ({ router }) => rulesOf(router));
    throw new Error(`Cannot reverse "${name}": no route has this name${wayOut}`);
  }

  /** As {@linkcode reverseUrl}, but gives `null` if there is no route of that name. */
  findUrl(name: string, ...args: unknown[]): string | null {
    return this.#hostRouter?.reverseUrl(name, ...args) ?? this.#router.reverseUrl(name, ...args);
  }

  /**
   * Sends a message to every WebSocket and event stream that has subscribed to a topic, in every process
   * that shares the setting `broker`.
   *
   * A topic that the setting `topics` declares keeps the message for those who come back, and nothing of
   * it is lost without a word. Any other goes out at most once, to those who are subscribed at this
   * moment.
   *
   * @param topic The topic. One that nobody listens to is no error.
   * @param message As for `WebSocketHandler.writeMessage`.
   * @returns Of a declared topic, the position of the message; it rejects with a `BrokerError`, which may
   *   be left unhandled, if it is not known to be published. Of any other, `undefined`: when the
   *   subscribers whose `onSlow` is `"wait"` have taken it; that never rejects.
   * @throws {TypeError} If the message cannot be sent, or the topic cannot be one.
   * @throws {RangeError} If the message is larger than the topic's `maxBytes`, or the name of a topic that
   *   is declared, or that a broker carries, does not have 1 to 256 bytes.
   *
   * @example
   * ```ts
   * import { Application } from "@gustnado/gustnado";
   * import { assertEquals } from "@std/assert";
   *
   * const app = new Application([], { topics: { news: { history: 100 } } });
   * const position = await app.publish("news", { wind: "a gust" });
   * assertEquals(position?.offset, 1);
   * ```
   */
  publish(
    topic: string,
    message: string | Uint8Array | object,
  ): Promise<Position | undefined> {
    return this.#parts.topicKit.publish(topic, message);
  }

  /**
   * How many WebSockets and event streams of this process have subscribed to a topic.
   *
   * @example
   * ```ts
   * import { Application } from "@gustnado/gustnado";
   * import { assertEquals } from "@std/assert";
   *
   * assertEquals(new Application().subscribers("news"), 0);
   * ```
   */
  subscribers(topic: string): number {
    return this.#parts.topicKit.subscribers(topic);
  }

  /**
   * Who is in a topic that is declared with `presence: true`, in all processes.
   *
   * @throws {TypeError} The promise rejects if it is not declared so.
   * @throws {BrokerError} The promise rejects if the broker cannot be reached.
   *
   * @example
   * ```ts
   * import { Application } from "@gustnado/gustnado";
   * import { assertEquals } from "@std/assert";
   *
   * const app = new Application([], { topics: { "chat/*": { presence: true } } });
   * assertEquals(await app.presence("chat/tornado"), []);
   * ```
   */
  presence(topic: string): Promise<PresenceMember[]> {
    return this.#parts.topicKit.members(topic);
  }

  /**
   * What carries the topics between processes, and how it is: the setting `broker`, or the memory of this
   * process.
   *
   * @example
   * ```ts
   * import { Application } from "@gustnado/gustnado";
   * import { assertEquals } from "@std/assert";
   *
   * const { broker } = new Application();
   * assertEquals([broker.name, broker.status.state], ["memory", "idle"]);
   * ```
   */
  get broker(): Pick<Broker, "name" | "status"> {
    return this.#parts.topicKit.broker;
  }

  /**
   * The URL of a file below the setting `staticPath`; see `RequestHandler.staticUrl`.
   *
   * @param path The path below `staticPath`.
   * @param options `includeVersion`: default `true`.
   * @throws {Error} If the version is asked for before the first request, when the handler of static
   *   files is not loaded yet, unless the setting `staticHandlerClass` has brought it along.
   */
  staticUrl(path: string, options: { includeVersion?: boolean } = {}): string {
    const url = this.#parts.staticKit.url(path, options);
    return atOnce(url, "makeStaticUrl()", "it must not be async");
  }

  /**
   * Starts a server.
   *
   * The port is bound when it returns; requests are answered when {@linkcode onStart} is done.
   *
   * @param port The TCP port; 0 takes any free one, which `server.port` tells.
   * @throws {UnsupportedFeatureError} If the runtime does not have the engine.
   * @throws {Error} If it cannot listen, as when the port is in use; the message names the address.
   * @throws {TypeError} If an option is unknown or ill-typed.
   * @throws {RangeError} If there is no such port.
   */
  listen(port: number, options: ListenOptions = {}): HTTPServer {
    return this.#serve(listeningPlace(this, port, options), port, options);
  }

  #serve(
    { platform, Server, Context }: ServingPlace,
    port: number,
    options: ListenOptions,
  ): HTTPServer {
    const context = new Context({ ...this.settings, ...options }, platform, this.#life);
    const server = new Server(this.#dispatcher(context), context, port, options);
    if (this.settings.debug) void announce(server.addr);
    return server;
  }

  /**
   * Writes the line of the access log; see the setting `logFunction`. Nobody waits for its promise; if
   * that is rejected, it is logged.
   */
  logRequest(handler: RequestHandler): void | PromiseLike<void> {
    const { logFunction } = this.settings;
    if (logFunction !== undefined) {
      const logging: unknown = logFunction(handler);
      if (!isPromiseLike(logging)) return;
      return Promise.resolve(logging).then(() => {}, (error) => {
        logApplicationError(`Exception in the setting logFunction ${handler.request}`, error);
      });
    }
    const log = accessLog();
    if (log === undefined) return;
    const status = handler.getStatus();
    const level = status < 400 ? "info" : status < 500 ? "warning" : "error";
    if (!isEnabled(log, level)) return;
    const { request } = handler;
    const ms = request.requestTime();
    const { method, loggedUri: uri, remoteIp, requestId } = request;
    const { refusal } = served(request);
    log[level](literal(`${status} ${request} ${ms.toFixed(2)}ms`), {
      status,
      method,
      uri,
      remoteIp,
      ms,
      ...(requestId === null ? {} : { requestId }),
      ...(refusal === undefined || status < 400 ? {} : { reason: refusal }),
    });
  }

  /** Logs an exception; see `RequestHandler.logException`. */
  logException(request: HTTPServerRequest, error: unknown): void | PromiseLike<void> {
    if (error instanceof HTTPError || error instanceof HTTPInputError) {
      logAnswer(this, request, error);
    } else {
      const { answeredWith } = served(request);
      const late = answeredWith === 0 ? "" : `, after its answer of ${answeredWith}`;
      logApplicationError(`Uncaught exception ${request}${late}${bareHint(error)}`, error);
    }
  }

  /** Keeps why a request is refused. Gives whether the line of the access log will tell it. */
  #refuse(request: HTTPServerRequest, reason: string): boolean {
    const inner = served(request);
    if (inner.answered) return false;
    inner.refusal = reason;
    return this.settings.logFunction === undefined &&
      this.logRequest === Application.prototype.logRequest && accessTellsReasons();
  }
}

/** Whether a match is of an application that is mounted. */
function isElsewhere({ application, mounted }: RouteMatch): boolean {
  return application !== undefined || mounted !== undefined;
}

/** What an application has found for one that it is mounted in. */
function mountedMatch(application: Application, found: RouteMatch): RouteMatch {
  const { middleware } = application.settings;
  const hasMiddleware = middleware !== undefined && middleware.length > 0;
  const mounted = hasMiddleware ? application : found.mounted;
  return {
    ...found,
    application: found.application ?? application,
    ...(mounted === undefined ? {} : { mounted }),
  };
}

/** Whether somebody will want to know how long a request takes. */
function logsAccess({ settings }: Application): boolean {
  return settings.logFunction !== undefined || isEnabled(accessLog(), "info");
}

/** Logs an error that is an answer, unless the line of the access log tells it. */
function logAnswer(
  application: Application,
  request: HTTPServerRequest,
  error: HTTPError | HTTPInputError,
): void {
  const { status } = error;
  const own = error instanceof HTTPError;
  if (own && error.logMessage === undefined) return keepRefusal(request, error.reason);
  const wayOut = !own && status === 413 ? ', which the setting "maxBodySize" says' : "";
  const message = (own ? error.logMessage : error.message) + wayOut;
  if (status >= 400 && tellRefusal(application, request, message)) return;
  generalLog()?.warn("{status} {request}: {message}", {
    status,
    request: String(request),
    message,
  });
}

/** A line as a LogTape message: sinks print it as it is, where they would quote a value. */
function literal(line: string): string {
  return line.replaceAll("{", "{{").replaceAll("}", "}}");
}

const NO_ROUTE = "no route matches the path";

/** The way to an error page. */
function errorMatch(args: { statusCode: number } & HTTPErrorOptions): RouteMatch {
  return { handlerClass: ErrorHandler, args, groups: NO_GROUPS };
}

/** Most applications never hear of cron. */
async function runDue(time: number): Promise<void> {
  const { runDueCallbacks } = await import("../concurrent/loop/due_callbacks.ts");
  await runDueCallbacks(time);
}

/** What a worker is told, as knowledge of the connection. */
function workerConnection(
  environment: object | undefined,
  context: WorkerContext,
): ConnectionInfo {
  return {
    environment: environment ?? {},
    // Called as a method: the runtime's own needs its object.
    waitUntil: (promise) => context.waitUntil(promise),
  };
}
