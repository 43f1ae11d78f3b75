/** The context of a request as the life cycle serves it: what middleware does not see of it. */
import { logApplicationError } from "../../log.ts";
import type { ConnectionInfo } from "../../platform/platform.ts";
import { keepUntilDone } from "../../server/server_context.ts";
import { checkStatus, type HTTPErrorOptions } from "../http_error.ts";
import type { IncomingRequest } from "../request/incoming_request.ts";
import { RequestContext } from "./request_context.ts";

/** Something that can be told that nobody waits for it any longer. */
export interface Abandonable {
  /** Somebody else has decided: the client gets this status, and work should stop. */
  abandon(status: number): void;
}

/** Answers a request with an error page of the application. */
export type ErrorResponder = (
  context: ServedContext,
  error: { readonly statusCode: number } & HTTPErrorOptions,
) => Response | Promise<Response>;

/** What every {@linkcode RequestContext} is in truth. */
export class ServedContext extends RequestContext {
  /** Why middleware is about to refuse the request, for the log. */
  refusal: string | undefined;
  /** Whether the turn is over in which the request came in. */
  waits = false;

  readonly #incoming: IncomingRequest;
  readonly #respond: ErrorResponder;
  /** What works on the request, and would have to stop. */
  #running: Set<Abandonable> | undefined;
  #abandoned = false;

  /** Nothing works on the request yet. */
  constructor(incoming: IncomingRequest, respond: ErrorResponder) {
    super();
    this.#incoming = incoming;
    this.#respond = respond;
  }

  override get remoteAddr(): ConnectionInfo["remoteAddr"] {
    return this.#incoming.connection?.remoteAddr;
  }

  override get completed(): Promise<void> | undefined {
    return this.#incoming.connection?.completed;
  }

  override get environment(): object | undefined {
    return this.#incoming.connection?.environment;
  }

  override waitUntil(promise: Promise<unknown>): void {
    const { server, connection } = this.#incoming;
    keepUntilDone(promise, {
      server,
      connection,
      report: (error) => logApplicationError("Exception in what a request has begun", error),
    });
  }

  override get raw(): Request {
    return this.#incoming.raw;
  }

  override get remoteIp(): string {
    return this.#incoming.remoteIp;
  }

  override get protocol(): "http" | "https" {
    return this.#incoming.protocol;
  }

  override get host(): string {
    return this.#incoming.host;
  }

  override header(name: string): string | null {
    return this.#incoming.header(name);
  }

  override answer(status: number, options: HTTPErrorOptions = {}): Response | Promise<Response> {
    checkStatus(status);
    return this.#respond(this, { statusCode: status, ...options });
  }

  override abandon(): void {
    this.#abandoned = true;
    for (const work of this.#running ?? []) work.abandon(503);
  }

  /** Whether {@linkcode abandon} was called. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  /** Something works on the request from now on, until it has answered. */
  attach(work: Abandonable): void {
    (this.#running ??= new Set()).add(work);
  }

  /** It has answered. */
  detach(work: Abandonable): void {
    this.#running?.delete(work);
  }

  /** What was read of a `Request`; `null` if a middleware has passed on another one. */
  incomingOf(raw: Request): IncomingRequest | null {
    return this.#incoming.raw === raw ? this.#incoming : null;
  }

  /** Reads what could not be read once the response has left. */
  capture(): void {
    this.#incoming.capture();
  }
}

/** The context of a request, where middleware stands around it. */
export function contextOf(connection: ConnectionInfo | undefined): ServedContext | null {
  return connection instanceof ServedContext ? connection : null;
}

/**
 * Answers in place of a handler, as `RequestContext.answer` does, and tells the access log why. The
 * general log has nothing of it: whoever knocks too often would fill it.
 *
 * @param why The reason. Clients do not see it.
 */
export function refuse(
  context: RequestContext,
  status: number,
  { why, headers }: { readonly why: string; readonly headers: Readonly<Record<string, string>> },
): Response | Promise<Response> {
  if (context instanceof ServedContext) context.refusal = why;
  return context.answer(status, { headers });
}
