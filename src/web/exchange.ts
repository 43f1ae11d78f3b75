/** One request and its response, from the first hook to the last. */
import { HTTPInputError } from "../http/input_error.ts";
import { logApplicationError } from "../tools/log.ts";
import type { Application } from "./application.ts";
import type { Chunk } from "./chunk.ts";
import { Finish, HTTPError } from "./http_error.ts";
import { type HandlerTraits, traitsOf } from "./handler_traits.ts";
import type { HTTPServerRequest } from "./http_server_request.ts";
import { decodePathArgs } from "./path_args.ts";
import type { RequestHandler } from "./request_handler.ts";
import { ResponseWriter } from "./response_writer.ts";
import type { RouteMatch } from "./routing.ts";

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
export class Exchange extends ResponseWriter {
  readonly match: RouteMatch;
  /** What is known of the handler's class. */
  readonly traits: HandlerTraits;
  /** Whether the end of the verb method ends the response; not so for `@asynchronous` methods. */
  autoFinish = true;

  #handler: RequestHandler | undefined;
  #resolve: ((response: Response) => void) | undefined;
  #returned = false;

  constructor(application: Application, request: HTTPServerRequest, match: RouteMatch) {
    super(application, request);
    this.match = match;
    this.traits = traitsOf(match.handlerClass);
  }

  /** Runs the handler. The response is there at once, unless a hook waits. */
  run(): Response | Promise<Response> {
    try {
      const handler = this.#handler = new this.match.handlerClass(this);
      const pending = this.#initialize(handler);
      if (pending === undefined) this.#end();
      else this.#await(pending);
    } catch (error) {
      this.fail(error);
    }
    return this.response ?? new Promise((resolve) => this.#resolve = resolve);
  }

  #await(pending: Promise<unknown>): void {
    pending.then(() => this.#end(), (error) => this.fail(error))
      .catch((error) => this.#collapse(error));
    // The response leaves before the handler is done, and it may look at its request later.
    if (this.response !== undefined) this.request.capture();
  }

  #end(): void {
    this.#returned = true;
    if (!this.finished && this.autoFinish) this.finish();
  }

  // ---- the steps, in order

  #initialize(handler: RequestHandler): Promise<unknown> | undefined {
    const { traits } = this;
    const { request } = this;
    if (traits.hasOnConnectionClose) this.#watchConnection();
    handler.setDefaultHeaders();
    handler.initialize(this.match.args);
    if (!traits.anyMethod && !traits.supported.has(request.method)) throw this.#notAllowed();
    request.streamed = traits.streamRequestBody;
    this.#setParsing(handler);
    const bodiless = request.method === "GET" || request.method === "HEAD";
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
    this.request.setParsing(limits ?? {}, decode);
  }

  #authenticate(handler: RequestHandler): Promise<unknown> | undefined {
    if (!this.traits.asyncUser) return this.#prepare(handler);
    return Promise.resolve(handler.getCurrentUser()).then((user) => {
      handler.currentUser = user;
      return this.#prepare(handler);
    });
  }

  #prepare(handler: RequestHandler): Promise<unknown> | undefined {
    decodePathArgs(handler, this);
    const preparing: unknown = handler.prepare();
    if (isThenable(preparing)) {
      return Promise.resolve(preparing).then((result) => {
        this.#take(result, "prepare");
        return this.#receive(handler);
      });
    }
    this.#take(preparing, "prepare");
    return this.#receive(handler);
  }

  #receive(handler: RequestHandler): Promise<unknown> | undefined {
    const { traits } = this;
    const pump = traits.streamRequestBody && traits.hasDataReceived && !this.finished;
    return pump ? this.#pump(handler).then(() => this.#answer(handler)) : this.#answer(handler);
  }

  async #pump(handler: RequestHandler): Promise<void> {
    for await (const chunk of this.request.stream) await handler.dataReceived(chunk);
  }

  #answer(handler: RequestHandler): Promise<unknown> | undefined {
    if (this.finished) return undefined;
    const verb = this.traits.verbs.get(this.request.method);
    if (verb === undefined) throw this.#notAllowed();
    // A method whose pattern has an optional group declares the argument as optional.
    const result: unknown = handler[verb](...handler.pathArgs as string[]);
    if (isThenable(result)) return Promise.resolve(result).then((value) => this.#take(value, verb));
    this.#take(result, verb);
    return undefined;
  }

  #take(result: unknown, method: string): void {
    if (result === undefined || result === null) return;
    if (result instanceof Response) return this.respond(result);
    throw new TypeError(
      `Cannot answer with what ${method}() returned (${typeof result}): ` +
        "write() it, or return a Response",
    );
  }

  #notAllowed(): HTTPError {
    return new HTTPError(405, { headers: { Allow: this.traits.allow } });
  }

  // ---- errors

  /** Answers an exception that came out of the handler: logs it, then sends an error page. */
  fail(error: unknown): void {
    try {
      if (error instanceof Finish) {
        if (!this.finished) this.finish(error.chunk);
        return;
      }
      this.report(error);
      if (!this.finished) this.sendError(statusOf(error), error);
    } catch (failure) {
      this.#collapse(failure);
    }
  }

  /** Sends an error page; see `RequestHandler.sendError`. */
  sendError(status: number, error?: unknown): void {
    if (this.streaming) {
      this.report(new Error("Cannot send an error page: the response has begun", { cause: error }));
      this.breakOff(error);
      return;
    }
    this.clear();
    this.setStatus(status, error instanceof HTTPError ? error.reason : undefined);
    try {
      if (error instanceof HTTPError) this.#setErrorHeaders(error);
      this.#handler?.writeError(status, { error });
    } catch (failure) {
      this.report(failure);
    }
    if (!this.finished) this.finish();
  }

  #setErrorHeaders(error: HTTPError): void {
    for (const [name, value] of Object.entries(error.headers)) this.setHeader(name, value);
  }

  /** Logs an exception, as the handler does it. Never throws. */
  report(error: unknown): void {
    if (this.#handler === undefined) return this.#reportToApplication(error);
    try {
      this.#handler.logException(error);
    } catch (failure) {
      this.#reportToApplication(failure);
    }
  }

  #reportToApplication(error: unknown): void {
    try {
      this.application.logException(this.request, error);
    } catch (failure) {
      logApplicationError(`Cannot log an exception of ${this.request}`, failure);
    }
  }

  /** The end of a request whose hooks fail even while an error is reported. */
  #collapse(error: unknown): void {
    this.#reportToApplication(error);
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
    this.#handler?.setDefaultHeaders();
  }

  protected override onCommitted(response: Response): void {
    this.#resolve?.(response);
  }

  protected override onDisconnected(): void {
    if (!this.finished && this.traits.hasOnConnectionClose) this.#connectionClosed();
  }

  protected override onCompleted(): void {
    // A handler that finished its response while it still runs may look at its request later.
    if (this.#resolve !== undefined && !this.#returned) this.request.capture();
    const handler = this.#handler;
    if (handler === undefined) return;
    try {
      this.application.logRequest(handler);
      if (this.traits.hasOnFinish) handler.onFinish();
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

function statusOf(error: unknown): number {
  return error instanceof HTTPError || error instanceof HTTPInputError ? error.status : 500;
}

/** Whether the value is a promise, or behaves like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
