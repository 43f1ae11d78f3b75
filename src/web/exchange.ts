/** One request and its response, from the first hook to the last. */
import { HTTPInputError } from "../http/input_error.ts";
import type { OpenConnection, OpenConnections } from "../http/open_connections.ts";
import type { Application } from "./application.ts";
import type { Chunk } from "./chunk.ts";
import { isPromiseLike } from "../concurrent/promise_like.ts";
import { logApplicationError } from "../tools/log.ts";
import { Finish, hasNoBody, HTTPError, StreamClosedError } from "./http_error.ts";
import { type HandlerTraits, NO_TRAITS, traitsOf, type Verb } from "./handler_traits.ts";
import type { HTTPServerRequest } from "./http_server_request.ts";
import { decodePathArgs, decodePathKwargs } from "./path_args.ts";
import type { RequestHandler } from "./request_handler.ts";
import type { Abandonable } from "./request_context.ts";
import { ResponseWriter } from "./response_writer.ts";
import type { RouteMatch } from "./routing.ts";
import type { SessionSlot } from "./session/session_slot.ts";
import { needsXsrfToken } from "./xsrf.ts";

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
export class Exchange extends ResponseWriter implements OpenConnection, Abandonable {
  readonly match: RouteMatch;
  /** What is known of the handler's class. */
  traits: HandlerTraits = NO_TRAITS;
  /** Whether the end of the verb method ends the response; not so for `@asynchronous` methods. */
  autoFinish = true;
  openIn: OpenConnections | undefined;
  previousOpen: OpenConnection | undefined;
  nextOpen: OpenConnection | undefined;
  /** The session, of handlers that have one. */
  session: SessionSlot | undefined;

  #handler: RequestHandler | undefined;
  #verb: Verb | undefined;
  #resolve: ((response: Response) => void) | undefined;
  #returned = false;
  /** What an unfinished page failed with while the verb method was still running. */
  #lateFailure: { readonly error: unknown } | undefined;
  #pathArgs: readonly (string | undefined)[];
  #pathKwargs: Readonly<Record<string, string | undefined>> | undefined;
  #defaultHeadersFailed = false;
  #cut = false;
  #sessionClosed = false;
  /** Settles when the session is kept: until then the response is not sent. */
  #saving: Promise<void> | undefined;

  constructor(application: Application, request: HTTPServerRequest, match: RouteMatch) {
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
      const result = this.#initialize(handler);
      if (!isPromiseLike(result)) this.#end(result);
      else this.#await(result);
    } catch (error) {
      this.fail(error);
    }
    if (!this.finished || this.#saving !== undefined) this.#hold();
    return this.#sendable ?? new Promise((resolve) => this.#resolve = resolve);
  }

  get #sendable(): Response | undefined {
    return this.#saving === undefined ? this.response : undefined;
  }

  #hold(): void {
    this.request.context.connections.add(this);
    this.request.surroundings?.attach(this);
  }

  #letGo(): void {
    this.request.context.connections.delete(this);
    this.request.surroundings?.detach(this);
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
    if (!this.finished) this.#sendErrorPage(status);
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
    if (!this.finished && this.autoFinish) this.finish();
  }

  /**
   * Completes the response with what a promise will give, instead of at the end of the verb method.
   * The handler may wait for it or not: its failure is the request's either way.
   */
  finishLater(body: Promise<Chunk>): Promise<void> {
    this.autoFinish = false;
    const done = body.then((chunk) => {
      if (!this.finished) this.finish(chunk);
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

  #initialize(handler: RequestHandler): unknown {
    const { traits } = this;
    const { request } = this;
    if (traits.hasOnConnectionClose) this.#watchConnection();
    this.setDefaultHeaders();
    handler.initialize(this.match.args);
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
    const decode = hasDecodeArgument ? handler.decodeArgument.bind(handler) : undefined;
    this.request.setParsing(limits ?? undefined, decode);
  }

  #authenticate(handler: RequestHandler): unknown {
    if (!this.traits.asyncUser) return this.#prepare(handler);
    return Promise.resolve(handler.getCurrentUser()).then((user) => {
      handler.currentUser = user;
      return this.#prepare(handler);
    });
  }

  #prepare(handler: RequestHandler): unknown {
    // While the body was on its way, somebody else may have answered.
    if (this.#cut) return undefined;
    const encoded = this.#pathArgs.length > 0 &&
      (this.traits.hasDecodeArgument || this.request.path.includes("%"));
    if (encoded) this.#pathArgs = decodePathArgs(this.#pathArgs, this.#decoder);
    if (this.application.settings.xsrfCookies && needsXsrfToken(this.request.method)) {
      handler.checkXsrfCookie();
    }
    const preparing: unknown = handler.prepare();
    return isPromiseLike(preparing)
      ? preparing.then((result) => this.#receive(handler, result))
      : this.#receive(handler, preparing);
  }

  #receive(handler: RequestHandler, prepared: unknown): unknown {
    this.#take(prepared);
    const { traits } = this;
    const pump = traits.streamRequestBody && traits.hasDataReceived && !this.finished;
    return pump ? this.#pump(handler).then(() => this.#answer(handler)) : this.#answer(handler);
  }

  async #pump(handler: RequestHandler): Promise<void> {
    for await (const chunk of this.request.stream) {
      await handler.dataReceived(chunk);
      // Who has been answered early need not send the rest.
      if (this.finished) return;
    }
  }

  #answer(handler: RequestHandler): unknown {
    if (this.finished) return undefined;
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
      if (this.streaming && !this.finished) return this.#cutOff(error);
      // A client that leaves during its upload is no news.
      const left = error instanceof HTTPInputError && this.request.disconnected;
      if (!left) this.report(error);
      if (!this.finished) this.sendError(statusOf(error), error);
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
  sendError(status: number, error?: unknown): void {
    if (this.streaming) {
      this.report(tooLateFor(error));
      this.breakOff(error);
      return;
    }
    this.clear();
    this.setStatus(status, error instanceof HTTPError ? error.reason : undefined);
    if (hasNoBody(status)) return this.#sendBodilessError(error);
    try {
      if (error instanceof HTTPError) this.#setErrorHeaders(error);
      this.#handler?.writeError(status, { error });
    } catch (failure) {
      this.report(failure);
    }
    if (!this.finished) this.finish();
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
    try {
      if (this.#handler === undefined) this.application.logException(this.request, error);
      else this.#handler.logException(error);
    } catch (failure) {
      logApplicationError(`Cannot log an exception ${this.request}`, failure);
      logApplicationError(`Uncaught exception ${this.request}`, error);
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

  protected override computeEtag(body: Chunk): string | null {
    return this.#handler?.computeEtag(body) ?? null;
  }

  protected override setDefaultHeaders(): void {
    // It would fail for the error page too, which goes out without them.
    if (this.#defaultHeadersFailed) return;
    try {
      this.#handler?.setDefaultHeaders();
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
    if (!this.finished && this.traits.hasOnConnectionClose) this.#connectionClosed();
  }

  protected override onCompleted(): void {
    if (this.#saving !== undefined) return;
    if (this.openIn !== undefined) this.#letGo();
    // A handler that finished its response while it still runs may look at its request later.
    if (this.#resolve !== undefined && !this.#returned) this.request.capture();
    const handler = this.#handler;
    if (handler === undefined) return;
    try {
      this.application.logRequest(handler);
    } catch (error) {
      this.report(error);
    }
    if (this.traits.hasOnFinish) this.#callOnFinish(handler);
  }

  #callOnFinish(handler: RequestHandler): void {
    try {
      handler.onFinish();
    } catch (error) {
      this.report(error);
    }
  }

  #watchConnection(): void {
    this.request.signal.addEventListener("abort", () => {
      if (!this.finished && !this.streaming) this.#connectionClosed();
    }, { once: true });
  }

  #connectionClosed(): void {
    try {
      this.#handler?.onConnectionClose();
    } catch (error) {
      this.report(error);
    }
  }
}

function tooLateFor(error: unknown): Error {
  return new Error("Cannot send an error page: the response has begun", { cause: error });
}

function statusOf(error: unknown): number {
  return error instanceof HTTPError || error instanceof HTTPInputError ? error.status : 500;
}
