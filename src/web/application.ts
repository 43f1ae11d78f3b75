/** The application: routes, settings, and the way in. */
import { HTTPInputError } from "../http/input_error.ts";
import { dropUnsafeFields } from "../http/fields/field.ts";
import { type ConnectionInfo, detectPlatform, type Platform } from "../platform/platform.ts";
import { accessLog, generalLog, isEnabled, logApplicationError } from "../log.ts";
import type { ApplicationSettings } from "./application_settings.ts";
import { checkListenOptions, checkSettings, hideSecrets } from "./settings_check.ts";
import { logFailedLog } from "./failed_log.ts";
import { checkCallback } from "../concurrent/loop/guarded_call.ts";
import { atOnce } from "../concurrent/coroutine/at_once.ts";
import { ErrorHandler } from "./error_handler.ts";
import { Exchange } from "./exchange.ts";
import { toChunk } from "../http/body/chunk.ts";
import { live } from "./life_cycle.ts";
import { noUpgrade } from "./response/foreign_response.ts";
import { HTTPError } from "./http_error.ts";
import { HTTPServer } from "../server/http_server.ts";
import type { ListenOptions } from "../server/settings.ts";
import type { HTTPServerRequest } from "./request/http_server_request.ts";
import { IncomingRequest } from "./request/incoming_request.ts";
import { receive } from "./request/served_request.ts";
import { HostMatches, type Matcher } from "./routing/matchers.ts";
import { PendingAnswer } from "./middleware/pending_answer.ts";
import { compose, type Dispatch, internalError } from "./middleware/middleware.ts";
import { NO_GROUPS } from "./routing/path_pattern.ts";
import { checkRoute } from "./routing/route_check.ts";
import type { RequestHandler } from "./request_handler.ts";
import { type Route, type RouteMatch, type Router, Rule, RuleRouter } from "./routing/routing.ts";
import { SettingParts } from "./setting_parts.ts";
import { contextOf, type ErrorResponder, ServedContext } from "./middleware/served_context.ts";
import { ApplicationLife } from "../server/application_life.ts";
import { joinRuntimeServer } from "../server/runtime_server.ts";
import { ServerContext } from "../server/server_context.ts";
import { isPromiseLike, reportRejection } from "../concurrent/coroutine/promise_like.ts";

/**
 * What stands behind an application, for those within the house.
 *
 * @internal
 */
export let partsOf: (application: Application) => SettingParts;

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

  static {
    partsOf = (application) => application.#parts;
  }

  readonly #parts: SettingParts;
  readonly #router: RuleRouter;
  readonly #hosts: HostMatches[] = [];
  #hostRouter: RuleRouter | null = null;
  readonly #notFound: RouteMatch;
  readonly #context: ServerContext;
  #standalone: Dispatch | undefined;
  /** `deno serve` runs the application. */
  #joined = false;
  readonly #life: ApplicationLife = new ApplicationLife(() => this.#begin());
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
    this.#parts = new SettingParts(this.settings, this.#router);
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
   * the handlers need. Does nothing unless overridden.
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
   * \`\`\`ts
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
   * \`\`\`
   */
  onShutdown(callback: () => unknown): void {
    checkCallback(callback, "call at the end");
    this.#life.onShutdown(callback);
  }

  #begin(): Promise<unknown> | undefined {
    const started: unknown = this.onStart();
    const starting = isPromiseLike(started)
      ? Promise.all([started, this.#parts.loading])
      : undefined;
    this.#waitFor(starting ?? this.#parts.loading);
    return starting;
  }

  /**
   * Answers a request: the one way in, for `Deno.serve`, `deno serve`, edge runtimes and tests. It is
   * bound, so it can be passed on as it is. It never throws and never rejects.
   *
   * @param request The request.
   * @param info What the runtime knows of the connection.
   */
  readonly fetch = (request: Request, info?: ConnectionInfo): Response | Promise<Response> =>
    (this.#standalone ?? this.#startStandalone())(request, info);

  /** The first request that comes without a server of `listen`. */
  #startStandalone(): Dispatch {
    const dispatch = this.#standalone = this.#dispatcher(this.#context);
    const byRuntime = this.platform.calledByRuntimeServer();
    try {
      const fail = (error: unknown) => this.#failStandalone(error);
      this.#life.start()?.then(undefined, fail);
    } catch (error) {
      this.#failStandalone(error);
      return unavailable;
    }
    if (byRuntime && !this.#joined) joinRuntimeServer(this.#context);
    this.#joined ||= byRuntime;
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
    const { middleware = [] } = this.settings;
    if (middleware.length === 0) return inner;
    const outer = compose(middleware, inner);
    const upgrades = context.upgrades ??= new WeakMap();
    const respond = this.#errorResponder(context);
    return (raw, info = {}) => {
      const response = outer(
        raw,
        contextOf(info) ?? new ServedContext(new IncomingRequest(raw, info, context), respond),
      );
      const keep = (response: Response) => {
        return checkUpgrade(raw, response, { kept: upgrades.get(raw), platform: context.platform });
      };
      return response instanceof Promise
        ? new PendingAnswer(response, context.openWork).response.then(keep)
        : keep(response);
    };
  }

  /** Answers for middleware: as a handler would, with an error page and a line in the log. */
  #errorResponder(server: ServerContext): ErrorResponder {
    return (context, args) => {
      const timed = server.timed || this.#logsAccess();
      const request = receive(context.raw, context, server, timed);
      const match = { handlerClass: ErrorHandler, args, groups: NO_GROUPS };
      return live(new Exchange(this, this.#parts, request, match));
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
    if (contextOf(info)?.abandoned) return new Response("Service Unavailable", { status: 503 });
    const timed = context.timed || this.#logsAccess();
    const request = receive(raw, info, context, timed);
    try {
      const match = request.problem === null ? this.#route(request) : badRequest(request.problem);
      const { application = this } = match;
      if (application.#starting !== undefined) {
        return application.#starting.then(() => this.#dispatch(raw, info, context), unavailable);
      }
      if (match.mounted !== undefined && match.mounted !== this) {
        return match.mounted.#dispatcher(context)(raw, info);
      }
      return live(new Exchange(application, application.#parts, request, match));
    } catch (error) {
      // A router of the application's own may give anything.
      return internalError(`Cannot answer ${request}`, error);
    }
  }

  #route(request: HTTPServerRequest): RouteMatch {
    try {
      return this.#find(request);
    } catch (error) {
      // Only a router or a matcher of the application's own can fail.
      const logging: unknown = this.logException(request, error);
      reportRejection(logging, (failure) => logFailedLog(request, error, failure));
      return { ...this.#notFound, handlerClass: ErrorHandler, args: { statusCode: 500 } };
    }
  }

  /**
   * The handler of a request: of the first route that matches, else `defaultHandlerClass`, else a
   * 404.
   */
  findHandler(request: HTTPServerRequest): RouteMatch {
    const found = this.#find(request);
    const mounted = this.#hasMiddleware ? this : found.mounted;
    return {
      ...found,
      application: found.application ?? this,
      ...(mounted === undefined ? {} : { mounted }),
    };
  }

  get #hasMiddleware(): boolean {
    return (this.settings.middleware ?? []).length > 0;
  }

  #find(request: HTTPServerRequest): RouteMatch {
    return this.#hostRouter?.findHandler(request) ?? this.#router.findHandler(request) ??
      this.#notFound;
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
    if (url === null) throw new Error(`Cannot reverse "${name}": no route has this name`);
    return url;
  }

  /** As {@linkcode reverseUrl}, but gives `null` if there is no route of that name. */
  findUrl(name: string, ...args: unknown[]): string | null {
    return this.#hostRouter?.reverseUrl(name, ...args) ?? this.#router.reverseUrl(name, ...args);
  }

  /**
   * Sends a message to every WebSocket that has subscribed to a topic. It goes out at most once, and
   * to those who are subscribed at this moment.
   *
   * @param topic The topic. One that nobody listens to is no error.
   * @param message As for `WebSocketHandler.writeMessage`.
   * @returns A promise that settles when the subscribers whose `onSlow` is `"wait"` have taken it. It
   *   never rejects.
   * @throws {TypeError} If the message cannot be sent.
   */
  publish(topic: string, message: string | Uint8Array | object): Promise<void> {
    const { topics } = this.#parts;
    if (topics !== undefined) return topics.publish(topic, message);
    toChunk(message);
    return Promise.resolve();
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
   * @throws {Error} If it cannot listen, as when the port is in use; the message names the address.
   * @throws {TypeError} If an option is unknown or ill-typed.
   * @throws {RangeError} If there is no such port.
   */
  listen(port: number, options: ListenOptions = {}): HTTPServer {
    checkListenOptions(port, options);
    if (this.settings.staticPath !== undefined) {
      void this.#parts.staticKit.reportMissingRoot(this.platform);
    }
    const context = new ServerContext({ ...this.settings, ...options }, this.platform, this.#life);
    return new HTTPServer(this.#dispatcher(context), context, port, options);
  }

  #logsAccess(): boolean {
    return this.settings.logFunction !== undefined ||
      isEnabled(accessLog(), "info");
  }

  /**
   * Writes the line of the access log; see the setting `logFunction`. Nobody waits for its promise; if
   * that is rejected, it is logged.
   */
  logRequest(handler: RequestHandler): void | PromiseLike<void> {
    const { logFunction } = this.settings;
    if (logFunction !== undefined) {
      const logging: unknown = logFunction(handler);
      return reportRejection(logging, (error) => {
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
    log[level](literal(`${status} ${request} ${ms.toFixed(2)}ms`), {
      status,
      method,
      uri,
      remoteIp,
      ms,
      ...(requestId === null ? {} : { requestId }),
    });
  }

  /** Logs an exception; see `RequestHandler.logException`. */
  logException(request: HTTPServerRequest, error: unknown): void | PromiseLike<void> {
    if (error instanceof HTTPError) {
      if (error.logMessage === undefined) return;
      generalLog()?.warn("{status} {request}: {message}", {
        status: error.status,
        request: String(request),
        message: error.logMessage,
      });
    } else if (error instanceof HTTPInputError) {
      generalLog()?.warn("{status} {request}: {message}", {
        status: error.status,
        request: String(request),
        message: error.message,
      });
    } else {
      logApplicationError(`Uncaught exception ${request}`, error);
    }
  }
}

/** A line as a LogTape message: sinks print it as it is, where they would quote a value. */
function literal(line: string): string {
  return line.replaceAll("{", "{{").replaceAll("}", "}}");
}

/**
 * The response of a request that may have become a WebSocket: if a middleware put another one in place
 * of its 101, the runtime would stop the whole server for it; and a 101 of no upgrade has no end.
 */
function checkUpgrade(
  raw: Request,
  response: Response,
  { kept, platform }: { kept: Response | undefined; platform: Platform },
): Response {
  if (kept === undefined) {
    if (response.status !== 101 || platform.isUpgrade(raw, response)) return response;
    return internalError("Cannot answer for a middleware", noUpgrade());
  }
  if (kept === response) return response;
  generalLog()?.error(
    "Cannot replace the response of a WebSocket: a middleware has to return the one it got",
  );
  dropUnsafeFields(kept.headers);
  return kept;
}

function unavailable(): Response {
  return new Response("Service Unavailable", { status: 503 });
}

function badRequest(logMessage: string): RouteMatch {
  const args = { statusCode: 400, logMessage };
  return { handlerClass: ErrorHandler, args, groups: NO_GROUPS };
}
