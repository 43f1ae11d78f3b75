/** One request and its response, from the first hook to the last. */
import { HTTPInputError } from "../http/input_error.ts";
import type { OpenWork, OpenWorkList } from "../server/open_work.ts";
import type { Application } from "./application.ts";
import type { Chunk } from "../http/body/chunk.ts";
import { atOnce } from "../concurrent/coroutine/at_once.ts";
import {
  isPromiseLike,
  reportRejection,
  whenSettled,
} from "../concurrent/coroutine/promise_like.ts";
import { logFailedLog } from "./failed_log.ts";
import { Finish, hasNoBody, HTTPError, StreamClosedError } from "./http_error.ts";
import { type HandlerTraits, NO_TRAITS, traitsOf, type Verb } from "./handler_traits.ts";
import type { ServedRequest } from "./request/served_request.ts";
import { decodePathArgs, decodePathKwargs, decodeText } from "./routing/path_args.ts";
import type { RequestHandler } from "./request_handler.ts";
import type { Abandonable } from "./middleware/request_context.ts";
import { ResponseWriter } from "./response/response_writer.ts";
import type { RouteMatch } from "./routing/routing.ts";
import type { SessionSlot } from "./session/session_slot.ts";
import { needsXsrfToken } from "./signed/xsrf.ts";

/**
 * The life cycle of a request: what a {@linkcode RequestHandler} is made with.
 *
 * Nothing is asynchronous until a hook returns a promise: a handler that never awaits is answered in
 * the same turn of the loop, which is the runtime's fastest path. The writer is inherited, not held,
 * to make one object per request fewer.
 *
 * Applications never touch it: it stands behind the methods of their handlers.
 *
 * @internal
 */
export class Exchange extends ResponseWriter implements OpenWork, Abandonable {
  readonly match: RouteMatch;
  /** What is known of the handler's class. */
  traits: HandlerTraits = NO_TRAITS;
  /** Whether the end of the verb method ends the response; not so for `@asynchronous` methods. */
  autoFinish = true;
  /** Whether `getCurrentUser` runs: what it calls must not ask for the user in its turn. */
  findingUser = false;
  openIn: OpenWorkList | undefined;
  previousOpen: OpenWork | undefined;
  nextOpen: OpenWork | undefined;
  /** The session, of handlers that have one. */
  session: SessionSlot | undefined;

  #handler: RequestHandler | undefined;
  #verb: Verb | undefined;
  #resolve: ((response: Response) => void) | undefined;
  #returned = false;
  /** A page or an error page that waits for something: the response ends with it. */
  #pagesUnderWay = 0;
  /** An error page is being written: nothing else is to answer. */
  #failing = false;
  #listening = false;
  /** Whether the client has left; `"told"` once `onConnectionClose` is done. */
  #left: "no" | "untold" | "told" = "no";
  /** What an unfinished page failed with while the verb method was still running. */
  #lateFailure: { readonly error: unknown } | undefined;
  #pathArgs: readonly (string | undefined)[];
  #pathKwargs: Readonly<Record<string, string | undefined>> | undefined;
  #defaultHeadersFailed = false;
  #cut = false;
  #sessionClosed = false;
  /** Settles when the session is kept: until then the response is not sent. */
  #saving: Promise<void> | undefined;

  constructor(application: Application, request: ServedRequest, match: RouteMatch) {
    super(application, request);
    this.match = match;
    this.#pathArgs = match.groups.args;
  }

  /** Runs the handler. The response is there at once, unless a hook waits. */
  run(): Response | Promise<Response> {
    try {
      const handler = new this.match.handlerClass(this);
      this.traits = traitsOf(this.match.handlerClass, handler);
      this.#handler = handler;
      const result = this.#start(handler);
      if (!isPromiseLike(result)) this.#end(result);
      else this.#await(result);
    } catch (error) {
      this.fail(error);
    }
    if (!this.finished || this.#saving !== undefined) this.#hold();
    if (this.traits.hasOnConnectionClose) this.#watch();
    return this.#sendable ?? new Promise((resolve) => this.#resolve = resolve);
  }

  get #sendable(): Response | undefined {
    return this.#saving === undefined ? this.response : undefined;
  }

  #hold(): void {
    this.request.server.openWork.add(this);
    this.request.context?.attach(this);
  }

  #letGo(): void {
    this.request.server.openWork.delete(this);
    this.request.context?.detach(this);
  }

  /** What is read of an upload by the runtime alone does not count. */
  get receiving(): boolean {
    return !this.finished && this.request.receiving;
  }

  /** A server that shuts down lets requests in flight finish. */
  goAway(): void {}

  /** The server has waited long enough: the client gets what there is, or a 503. */
  cut(): void {
    this.#cut = true;
    if (this.#saving !== undefined) this.#giveUpSaving();
    const wasStreaming = this.streaming;
    this.request.disconnect(new StreamClosedError());
    if (this.finished) return;
    if (wasStreaming) {
      this.onDisconnected();
      this.breakOff(undefined);
    } else {
      this.replace(new Response("Service Unavailable", { status: 503 }));
    }
  }

  /**
   * Nobody waits for the handler any longer: the client gets an error page, unless the response has
   * begun.
   */
  abandon(status: number): void {
    if (this.#saving !== undefined) this.#giveUpSaving();
    if (this.finished || this.streaming) return;
    this.#cut = true;
    this.request.disconnect(new StreamClosedError());
    if (!this.finished && !this.#failing) this.#sendErrorPage(status);
  }

  #sendErrorPage(status: number): void {
    try {
      this.sendError(status);
    } catch (error) {
      this.report(error);
      this.#sendPlainError();
    }
  }

  #await(pending: PromiseLike<unknown>): void {
    pending.then((result) => this.#settle(result), (error) => this.fail(error));
    // The response leaves before the handler is done, and it may look at its request later.
    if (this.response !== undefined) this.request.capture();
  }

  #settle(result: unknown): void {
    try {
      this.#end(result);
    } catch (error) {
      this.fail(error);
    }
  }

  /** The verb method is done, or there was none to call; `result` is what it returned. */
  #end(result: unknown): void {
    this.#returned = true;
    this.#take(result);
    if (this.#lateFailure !== undefined && this.untouched) throw this.#lateFailure.error;
    if (this.finished) return;
    if (this.autoFinish) this.finish();
    else if (this.#pagesUnderWay === 0) this.#waitForFinish();
  }

  /** The response is kept open, so that only the client can end it beside `finish()`. */
  #waitForFinish(): void {
    const complete = this.#left === "told" || (this.streaming && this.request.method === "HEAD");
    if (complete) this.#leave();
    else this.#watch();
  }

  /**
   * Completes the response with what a promise will give, instead of at the end of the verb method.
   * The handler may wait for it or not: its failure is the request's either way.
   */
  finishLater(body: Promise<Chunk>): Promise<void> {
    this.autoFinish = false;
    this.#pagesUnderWay++;
    const done = body.then((chunk) => {
      this.#pagesUnderWay--;
      if (!this.finished) this.finish(chunk);
    }, (error) => {
      this.#pagesUnderWay--;
      throw error;
    });
    done.catch((error) => {
      this.autoFinish = true;
      // As long as the verb method runs, it may be waiting, and see to the failure itself.
      if (!this.#returned) this.#lateFailure = { error };
      else if (!this.finished) this.fail(error);
    });
    return done;
  }

  /** The groups of the route's pattern, decoded. */
  get pathArgs(): readonly (string | undefined)[] {
    return this.#pathArgs;
  }

  /** The named ones. */
  get pathKwargs(): Readonly<Record<string, string | undefined>> {
    return this.#pathKwargs ??= decodePathKwargs(this.match.groups.kwargs, this.#decoder);
  }

  /** Who decodes the groups: the handler, if its class does it in its own way. */
  get #decoder(): RequestHandler | null {
    return this.traits.hasDecodeArgument ? this.#handler ?? null : null;
  }

  // ---- the steps, in order

  // Each gives what the verb method returned, or a promise of it.

  #start(handler: RequestHandler): unknown {
    if (this.traits.hasOnConnectionClose) this.#listen();
    const setting = this.setDefaultHeaders();
    if (!isPromiseLike(setting)) return this.#initialize(handler);
    return this.#awaitDefaultHeaders(setting).then(() => this.#initialize(handler));
  }

  /** `clear()` cannot wait for them again: what they are now is kept. */
  async #awaitDefaultHeaders(setting: PromiseLike<unknown>): Promise<void> {
    try {
      await setting;
      if (!this.finished) this.keepDefaults();
    } catch (error) {
      this.#defaultHeadersFailed = true;
      throw error;
    }
  }

  #initialize(handler: RequestHandler): unknown {
    // While a hook waited, somebody else may have answered.
    if (this.#cut) return undefined;
    const initializing: unknown = handler.initialize(this.match.args);
    return isPromiseLike(initializing)
      ? Promise.resolve(initializing).then(() => this.#load(handler))
      : this.#load(handler);
  }

  #load(handler: RequestHandler): unknown {
    if (this.#cut) return undefined;
    const { traits, request } = this;
    const verb = this.#verb = traits.verbs.get(request.method);
    const reached = verb !== undefined || traits.anyMethod || traits.supported.has(request.method);
    if (!reached) throw this.#notAllowed();
    request.streamed = traits.streamRequestBody;
    this.#setParsing(handler);
    const loading = this.session?.load();
    return loading === undefined ? this.#read(handler) : loading.then(() => this.#read(handler));
  }

  #read(handler: RequestHandler): unknown {
    const { request } = this;
    const bodiless = request.method === "GET" || request.method === "HEAD";
    if (!bodiless && request.streamed) request.checkTransferCoding();
    const reading = bodiless || request.streamed ? undefined : request.readBody();
    return reading === undefined
      ? this.#authenticate(handler)
      : reading.then(() => this.#authenticate(handler));
  }

  #setParsing(handler: RequestHandler): void {
    const { limits } = this.application;
    const { hasDecodeArgument } = this.traits;
    if (limits === null && !hasDecodeArgument) return;
    const decode = hasDecodeArgument
      ? (value: Uint8Array, name?: string) => decodeText(handler, value, name)
      : undefined;
    this.request.setParsing(limits ?? undefined, decode);
  }

  #authenticate(handler: RequestHandler): unknown {
    if (!this.traits.asyncUser) return this.#prepare(handler);
    return this.#findUser(handler).then(() => this.#prepare(handler));
  }

  async #findUser(handler: RequestHandler): Promise<void> {
    this.findingUser = true;
    try {
      const user = await handler.getCurrentUser();
      handler.currentUser = user;
    } finally {
      this.findingUser = false;
    }
  }

  #prepare(handler: RequestHandler): unknown {
    // While the body was on its way, somebody else may have answered.
    if (this.#cut) return undefined;
    const encoded = this.#pathArgs.length > 0 &&
      (this.traits.hasDecodeArgument || this.request.path.includes("%"));
    if (encoded) this.#pathArgs = decodePathArgs(this.#pathArgs, this.#decoder);
    if (this.application.settings.xsrfCookies && needsXsrfToken(this.request.method)) {
      const checking: unknown = handler.checkXsrfCookie();
      if (isPromiseLike(checking)) {
        return Promise.resolve(checking).then(() => this.#callPrepare(handler));
      }
    }
    return this.#callPrepare(handler);
  }

  #callPrepare(handler: RequestHandler): unknown {
    if (this.#cut) return undefined;
    const preparing: unknown = handler.prepare();
    return isPromiseLike(preparing)
      ? preparing.then((result) => this.#receive(handler, result))
      : this.#receive(handler, preparing);
  }

  #receive(handler: RequestHandler, prepared: unknown): unknown {
    this.#take(prepared);
    const { traits } = this;
    const pump = traits.streamRequestBody && traits.hasDataReceived && !this.#answered;
    return pump ? this.#pump(handler).then(() => this.#answer(handler)) : this.#answer(handler);
  }

  async #pump(handler: RequestHandler): Promise<void> {
    for await (const chunk of this.request.stream) {
      await handler.dataReceived(chunk);
      // Who has been answered early need not send the rest.
      if (this.#answered) return;
    }
  }

  get #answered(): boolean {
    return this.finished || this.#failing;
  }

  #answer(handler: RequestHandler): unknown {
    if (this.#answered) return undefined;
    const verb = this.#verb;
    if (verb === undefined) throw this.#notAllowed();
    // A method whose pattern has an optional group declares the argument as optional.
    const args = this.#pathArgs as string[];
    // A spread of nothing costs as much as the call.
    return args.length === 0 ? handler[verb]() : handler[verb](...args);
  }

  /** Sends a returned `Response`. */
  #take(result: unknown): void {
    if (result === undefined || result === null) return;
    if (result instanceof Response) return this.respond(result);
    throw new TypeError(
      `Cannot answer with a returned ${typeof result}: write() it, or return a Response`,
    );
  }

  #notAllowed(): HTTPError {
    return new HTTPError(405, { headers: { Allow: this.traits.allow } });
  }

  // ---- errors

  /** Answers an exception that came out of the handler: logs it, then sends an error page. */
  fail(error: unknown): void {
    // What a handler comes to when its connection was taken from it is not its fault.
    if (this.#cut) return;
    try {
      if (error instanceof Finish) {
        if (!this.finished) this.finish(error.chunk);
        return;
      }
      // Who waits for a client that has left is told so, and passes it on.
      if (this.request.isReasonOfLeaving(error)) return this.#leave();
      if (this.streaming && !this.finished) return this.#cutOff(error);
      // A client that leaves during its upload is no news.
      const left = error instanceof HTTPInputError && this.request.disconnected;
      if (!left) this.report(error);
      if (!this.#answered) this.sendError(statusOf(error), { error });
    } catch (failure) {
      this.#collapse(failure);
    }
  }

  /** Half a response went out: all that is left is to show the client that it is cut short. */
  #cutOff(error: unknown): void {
    // A client that leaves is no fault of the handler that writes to it, and no news.
    if (!(error instanceof StreamClosedError)) {
      this.report(error instanceof HTTPError ? tooLateFor(error) : error);
    }
    this.breakOff(error);
  }

  /** Sends an error page; see `RequestHandler.sendError`. */
  sendError(status: number, options: ErrorOptions = {}): void {
    if (this.discarding) return;
    const { error } = options;
    if (this.streaming) {
      this.report(tooLateFor(error));
      this.breakOff(error);
      return;
    }
    if (this.#failing) throw new Error("Cannot sendError(): an error page is being written");
    this.clear();
    this.setStatus(
      status,
      options.reason ?? (error instanceof HTTPError ? error.reason : undefined),
    );
    if (hasNoBody(status)) return this.#sendBodilessError(error);
    const writing = this.#writeError(status, options);
    if (isPromiseLike(writing)) this.#awaitErrorPage(writing);
    else if (!this.finished) this.finish();
  }

  #writeError(status: number, options: ErrorOptions): unknown {
    const { error } = options;
    try {
      if (error instanceof HTTPError) this.#setErrorHeaders(error);
      return this.#handler?.writeError(status, { error });
    } catch (failure) {
      this.report(failure);
      return undefined;
    }
  }

  async #awaitErrorPage(writing: PromiseLike<unknown>): Promise<void> {
    this.autoFinish = false;
    this.#failing = true;
    this.#pagesUnderWay++;
    try {
      await writing;
      this.#pagesUnderWay--;
      this.#failing = false;
      if (!this.finished) this.finish();
    } catch (failure) {
      if (!this.discarding) this.#collapse(failure);
    }
  }

  #sendBodilessError(error: unknown): void {
    if (error instanceof HTTPError) this.#setErrorHeaders(error);
    this.finish();
  }

  #setErrorHeaders(error: HTTPError): void {
    for (const [name, value] of Object.entries(error.headers)) this.setHeader(name, value);
  }

  /** Logs an exception, as the handler does it. Never throws. */
  report(error: unknown): void {
    const fail = (failure: unknown) => logFailedLog(this.request, error, failure);
    try {
      const logging: unknown = this.#handler === undefined
        ? this.application.logException(this.request, error)
        : this.#handler.logException(error);
      reportRejection(logging, fail);
    } catch (failure) {
      fail(failure);
    }
  }

  /** The end of a request whose hooks fail even while an error is reported. */
  #collapse(error: unknown): void {
    this.report(error);
    if (this.streaming) this.breakOff(error);
    else if (!this.finished) this.#sendPlainError();
  }

  #sendPlainError(): void {
    this.autoFinish = false;
    this.replace(new Response("Internal Server Error", { status: 500 }));
  }

  // ---- what the writer asks and tells

  /** The handler no longer has a response to make: the client has left, or was answered otherwise. */
  override get discarding(): boolean {
    return this.#cut && this.finished;
  }

  protected override computeEtag(body: Chunk): string | null {
    const etag = this.#handler?.computeEtag(body) ?? null;
    return atOnce(etag, "computeEtag()", "it must not be async; use setHeader() before");
  }

  protected override setDefaultHeaders(): unknown {
    // It would fail for the error page too, which goes out without them.
    if (this.#defaultHeadersFailed) return undefined;
    try {
      return this.#handler?.setDefaultHeaders();
    } catch (error) {
      this.#defaultHeadersFailed = true;
      throw error;
    }
  }

  protected override onHead(): void {
    const saving = this.closeSession();
    if (saving === undefined) return;
    this.#saving = saving;
    // The handler may be done before the response is sent.
    this.request.capture();
    saving.then(() => this.#onSaved(saving), (error) => this.#onNotSaved(saving, error));
  }

  /**
   * Keeps the session: from now on it cannot be changed.
   *
   * @returns A promise if the response has to wait for it.
   */
  closeSession(): Promise<void> | undefined {
    if (this.session === undefined || this.#sessionClosed) return undefined;
    // Once only: an error page must not fail for the same reason again.
    this.#sessionClosed = true;
    const { cookieName } = this.session;
    return this.session.save()?.catch((error) => {
      // Without its old cookie a client could not try again to log out.
      this.dropCookie(cookieName);
      throw error;
    });
  }

  #onSaved(saving: Promise<void>): void {
    if (this.#saving !== saving) return;
    this.#saving = undefined;
    if (this.response !== undefined) this.#resolve?.(this.response);
    if (this.finished) this.onCompleted();
  }

  /** The session is not kept, so what the response says is not true: an error page is sent instead. */
  #onNotSaved(saving: Promise<void>, error: unknown): void {
    if (this.#saving !== saving) return;
    // The connection is a WebSocket already.
    if (this.status === 101) {
      this.report(error);
      return this.#onSaved(saving);
    }
    const { streaming } = this;
    this.#giveUpSaving();
    this.fail(error);
    // What the handler still writes is of no use any more, which is not its fault.
    this.#cut ||= streaming;
  }

  #giveUpSaving(): void {
    this.#saving = undefined;
    this.retract();
    if (this.session !== undefined) this.dropCookie(this.session.cookieName);
  }

  protected override onCommitted(response: Response): void {
    if (this.#saving === undefined) this.#resolve?.(response);
  }

  protected override onDisconnected(): void {
    this.#clientLeft();
  }

  protected override onCompleted(): void {
    if (this.#saving !== undefined) return;
    if (this.openIn !== undefined) this.#letGo();
    // A handler that finished its response while it still runs may look at its request later.
    if (this.#resolve !== undefined && !this.#returned) this.request.capture();
    const handler = this.#handler;
    if (handler === undefined) return;
    try {
      const logging: unknown = this.application.logRequest(handler);
      if (isPromiseLike(logging)) reportRejection(logging, (error) => this.report(error));
    } catch (error) {
      this.report(error);
    }
    if (this.traits.hasOnFinish) this.#callOnFinish(handler);
  }

  #callOnFinish(handler: RequestHandler): void {
    try {
      const finishing: unknown = handler.onFinish();
      if (isPromiseLike(finishing)) this.#awaitOnFinish(finishing);
    } catch (error) {
      this.report(error);
    }
  }

  /** The response has left, but a server that shuts down waits for what is done after it. */
  #awaitOnFinish(finishing: PromiseLike<unknown>): void {
    this.request.capture();
    const { finishing: all } = this.request.server;
    const done = Promise.resolve(finishing).then(undefined, (error) => this.report(error));
    all.add(done);
    done.then(() => all.delete(done));
  }

  // ---- a client that leaves

  /** To be told if the client leaves, before the handler's own listeners are. */
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.request.onLeave(() => {
      if (!this.streaming) this.#clientLeft();
    });
  }

  /**
   * Looks out for a client that leaves before anything was sent. Later the stream tells, and what is
   * answered at once need not know: on Deno, to ask has its price, and a notice on stderr.
   */
  #watch(): void {
    if (this.finished || this.streaming) return;
    this.#listen();
    if (this.request.signal.aborted) this.#clientLeft();
  }

  #clientLeft(): void {
    if (this.finished || this.#left !== "no") return;
    this.#left = "untold";
    const telling = this.traits.hasOnConnectionClose ? this.#callOnConnectionClose() : undefined;
    whenSettled(telling, () => {
      this.#left = "told";
      // A handler that still runs ends the response when it returns, a page when it is there.
      const idle = this.#returned && !this.autoFinish && this.#pagesUnderWay === 0;
      // Who takes the connection away answers in the handler's place.
      if (idle && !this.finished && !this.#cut) this.#leave();
    });
  }

  #callOnConnectionClose(): Promise<void> | undefined {
    try {
      const result: unknown = this.#handler?.onConnectionClose();
      if (!isPromiseLike(result)) return undefined;
      return Promise.resolve(result).then(() => {}, (error) => this.report(error));
    } catch (error) {
      this.report(error);
      return undefined;
    }
  }

  /** Nobody is there any more to be answered: the request is over. */
  #leave(): void {
    this.#cut = true;
    if (this.finished) return;
    if (this.streaming) this.breakOff(new StreamClosedError());
    else this.replace(new Response(null, { status: CLIENT_LEFT }));
  }
}

/** The status in the log of a request whose client left before it was answered, as nginx's. */
const CLIENT_LEFT = 499;

/** What an error page is made of. */
interface ErrorOptions {
  readonly error?: unknown;
  readonly reason?: string | undefined;
}

function tooLateFor(error: unknown): Error {
  return new Error("Cannot send an error page: the response has begun", { cause: error });
}

function statusOf(error: unknown): number {
  return error instanceof HTTPError || error instanceof HTTPInputError ? error.status : 500;
}
