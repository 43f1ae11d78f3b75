/** A request and its response while they are worked on. */
import { atOnce, reportRejection } from "../concurrent/coroutine/promise_like.ts";
import type { OpenWork } from "../server/open_work.ts";
import type { OpenWorkList, WorkPlace } from "../server/server_context.ts";
import type { Application } from "./application.ts";
import { clientLeft, type ClientState, cutOff } from "./client_watch.ts";
import { sendErrorInstead } from "./error_answer.ts";
import { logFailedLog } from "../log.ts";
import { type HandlerTraits, NO_TRAITS, type Verb } from "./handler_traits.ts";
import { StreamClosedError } from "./http_error.ts";
import { conclude, fail } from "./life_cycle.ts";
import type { Abandonable } from "./middleware/served_context.ts";
import type { ServedRequest } from "./request/served_request.ts";
import type { RequestHandler } from "./request_handler.ts";
import type { Chunk } from "../http/body/chunk.ts";
import { ResponseWriter } from "./response/response_writer.ts";
import { decodePathKwargs } from "./request/arguments.ts";
import type { RouteMatch } from "./routing/routing.ts";
import type { SettingParts } from "./setting_parts.ts";
import type { SessionSaving } from "./session/session_saving.ts";

/**
 * How far a request is:
 *
 * ```text
 * running ──► returned ──► complete        the usual way: the end of the steps completes the response
 *    │            ▲  │         ▲ │
 *    │            │  ▼         │ ▼
 *    ├───────► failing ─► answered  finishing
 *    └──────────────────────►┘
 * ```
 *
 * - `running`: the steps of the life cycle are gone through.
 * - `returned`: they are over. `finish()`, a page that waits, or the client's leaving completes it.
 * - `failing`: an error page is written that waits for something. Nothing else is to answer.
 * - `answered`: the response is complete, and the handler may still be at work.
 * - `finishing`: the response is complete, and `onFinish` waits for something.
 * - `complete`: nobody works on it any more.
 *
 * A response that is complete goes back to `running` or `returned` if its session could not be kept.
 */
export type Phase = "running" | "returned" | "failing" | "answered" | "finishing" | "complete";

/**
 * What a handler and the life cycle share: the request, how far it is, and the response in the making.
 *
 * The writer of the response is inherited, not held, to make one object per request fewer. Handlers
 * reach it by `exchangeOf`; applications never see it.
 *
 * @internal
 */
export class Exchange extends ResponseWriter implements OpenWork, Abandonable {
  readonly match: RouteMatch;
  /** How far the request is. */
  phase: Phase = "running";
  /**
   * The request was taken from its handler: the server or a middleware answers in its place, or nobody
   * is there any more. What it comes to is not its fault, and what it writes at the end goes nowhere.
   */
  taken = false;
  /** Whether the end of the verb method leaves the response open: `keepOpen()`. */
  keptOpen = false;
  /** Pages that wait for something: the response ends with the first of them. */
  pagesUnderWay = 0;
  /** What such a page failed with while the verb method was still running. */
  lateFailure: { readonly error: unknown } | undefined;
  /** Error pages that were begun: no page of before may go out in their place. */
  errorPages = 0;
  /** What is known of the client. */
  client: ClientState = "unwatched";
  /** The handler, once it is made. */
  handler: RequestHandler | undefined;
  /** What is known of its class. */
  traits: HandlerTraits = NO_TRAITS;
  /** The member of it that answers. */
  verb: Verb | undefined;
  /** The groups of the route's pattern; decoded before `prepare`. */
  pathArgs: readonly (string | undefined)[];
  /** The session, of handlers that have one. */
  session: SessionSaving | undefined;
  openIn: OpenWorkList | undefined;
  previousOpen: OpenWork | undefined;
  nextOpen: OpenWork | undefined;

  #pathKwargs: Readonly<Record<string, string | undefined>> | undefined;
  #resolve: ((response: Response) => void) | undefined;

  constructor(
    application: Application,
    parts: SettingParts,
    request: ServedRequest,
    match: RouteMatch,
  ) {
    super(application, parts, request);
    this.match = match;
    this.pathArgs = match.groups.args;
  }

  /** The named groups of the route's pattern, decoded. */
  get pathKwargs(): Readonly<Record<string, string | undefined>> {
    return this.#pathKwargs ??= decodePathKwargs(this.match.groups.kwargs, this.decoder);
  }

  /** Who decodes the groups: the handler, if its class does it in its own way. */
  get decoder(): RequestHandler | null {
    return this.traits.hasDecodeArgument ? this.handler ?? null : null;
  }

  // ---- how far it is

  /** Whether the response is complete. */
  override get finished(): boolean {
    const { phase } = this;
    return phase !== "running" && phase !== "returned" && phase !== "failing";
  }

  /** Whether nothing else is to answer. */
  get answered(): boolean {
    return this.phase === "failing" || this.finished;
  }

  /** What is written goes nowhere: the client has left, or was answered otherwise. */
  override get discarding(): boolean {
    return this.taken && this.finished;
  }

  /** Whether the response waits for the session to be kept. */
  get saving(): boolean {
    return this.session !== undefined && this.session.pending;
  }

  /** The steps of the life cycle are done, or one of them failed. */
  stepsAreOver(): void {
    if (this.phase === "running") this.phase = "returned";
    else if (this.phase === "answered") this.phase = "complete";
  }

  /** Takes back a response that did not leave yet, so that another one can be made. */
  override retract(): void {
    super.retract();
    if (this.finished) this.phase = this.phase === "answered" ? "running" : "returned";
  }

  // ---- the response leaves

  /** The response, if it may leave. */
  leaving(): Response | undefined {
    const response = this.saving ? undefined : this.response;
    // Who is not done may look at the request later, of which the runtime then knows nothing.
    if (response !== undefined && this.phase !== "complete") this.request.capture();
    return response;
  }

  /** The response, when it may leave. */
  later(): Promise<Response> {
    return new Promise((resolve) => this.#resolve = resolve);
  }

  /**
   * Completes the response with what a promise will give, instead of at the end of the verb method. The
   * handler may wait for it or not: its failure is the request's either way.
   */
  finishLater(body: Promise<Chunk>): Promise<void> {
    const { errorPages } = this;
    this.pagesUnderWay++;
    const done = body.then((chunk) => {
      this.pagesUnderWay--;
      const isCurrent = this.errorPages === errorPages;
      if (isCurrent && !this.finished) this.finish(chunk);
    }, (error) => {
      this.pagesUnderWay--;
      throw error;
    });
    done.catch((error) => {
      // As long as the verb method runs, it may be waiting, and see to the failure itself.
      if (this.phase === "running") this.lateFailure = { error };
      else if (!this.finished) this.fail(error);
    });
    return done;
  }

  #leave(): void {
    if (this.#resolve === undefined) return;
    const response = this.leaving();
    if (response === undefined) return;
    this.#resolve(response);
    this.#resolve = undefined;
  }

  /** The session is kept: the response need not wait for it any longer. */
  onSaved(): void {
    if (this.finished) conclude(this);
    this.#leave();
  }

  // ---- what a server and middleware do with it

  /** Lists the request among those that wait for something. */
  hold(): void {
    this.request.server.openWork.add(this);
    this.request.context?.attach(this);
  }

  /** Takes it off the list. */
  letGo(): void {
    if (this.openIn === undefined) return;
    this.openIn.delete(this);
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
    cutOff(this);
  }

  /**
   * Nobody waits for the handler any longer: the client gets an error page, unless the response has
   * begun.
   */
  abandon(status: number): void {
    this.session?.giveUp();
    if (this.finished || this.streaming) return;
    this.taken = true;
    this.request.disconnect(new StreamClosedError());
    if (!this.answered) sendErrorInstead(this, status);
  }

  // ---- errors

  /** Answers an exception that came out of the handler. */
  fail(error: unknown): void {
    fail(this, error);
  }

  /** Whose work it is that goes on when the response has left. */
  get place(): WorkPlace {
    const { server, connection } = this.request;
    return { server, connection, report: (error) => this.report(error) };
  }

  /** Logs an exception, as the handler does it. Never throws. */
  override report(error: unknown): void {
    const fail = (failure: unknown) => logFailedLog(this.request, error, failure);
    try {
      const logging: unknown = this.handler === undefined
        ? this.application.logException(this.request, error)
        : this.handler.logException(error);
      reportRejection(logging, fail);
    } catch (failure) {
      fail(failure);
    }
  }

  // ---- what the writer asks and tells

  override putDefaultHeaders(): unknown {
    if (!this.traits.hasDefaultHeaders) return undefined;
    try {
      return this.handler?.setDefaultHeaders();
    } catch (error) {
      // It would fail for the error page too, which goes out without them.
      this.forgetDefaults();
      throw error;
    }
  }

  /** `clear()` cannot wait for default headers again: what they are now is kept. */
  async keepDefaultHeaders(setting: PromiseLike<unknown>): Promise<void> {
    try {
      await setting;
      if (!this.finished) this.keepDefaults();
    } catch (error) {
      this.forgetDefaults();
      throw error;
    }
  }

  protected override computeEtag(body: Chunk): string | null {
    const etag = this.handler?.computeEtag(body) ?? null;
    return etag === null
      ? null
      : atOnce(etag, "computeEtag()", "it must not be async; use setHeader() before");
  }

  protected override refresh(body: Chunk): Chunk {
    return this.parts.development?.refresh(this, body) ?? body;
  }

  protected override onHead(): void {
    this.session?.begin();
  }

  protected override onStream(): void {
    this.#leave();
  }

  protected override onDisconnected(): void {
    clientLeft(this);
  }

  protected override onCompleted(): void {
    this.phase = this.phase === "returned" ? "complete" : "answered";
    if (this.saving) return;
    conclude(this);
    this.#leave();
  }
}
