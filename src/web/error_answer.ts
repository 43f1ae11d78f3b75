/** How a request is answered whose handler cannot: with an error page, if there is still a way. */
import { isPromiseLike } from "../concurrent/coroutine/promise_like.ts";
import type { Exchange } from "./exchange.ts";
import { hasNoBody, HTTPError, StreamClosedError } from "./http_error.ts";

/** What an error page is made of. */
export interface ErrorAnswer {
  /** The exception that led here. */
  readonly error?: unknown;
  /** What the page shows in place of the standard reason. */
  readonly reason?: string | undefined;
}

/** Sends an error page; see `RequestHandler.sendError`. */
export function sendError(exchange: Exchange, status: number, answer: ErrorAnswer = {}): void {
  if (exchange.discarding) return;
  const { error, reason = error instanceof HTTPError ? error.reason : undefined } = answer;
  if (exchange.streaming) {
    exchange.report(tooLateFor(error));
    return exchange.breakOff(error);
  }
  if (exchange.phase === "failing") {
    throw new Error("Cannot sendError(): an error page is being written");
  }
  exchange.clear();
  exchange.setStatus(status, reason);
  exchange.errorPages++;
  if (hasNoBody(status)) return sendBodiless(exchange, error);
  const writing = writeError(exchange, status, error);
  if (isPromiseLike(writing)) awaitPage(exchange, writing);
  else if (!exchange.finished) exchange.finish();
}

/** Sends an error page in place of what the handler may still do; a plain one, if that fails. */
export function sendErrorInstead(exchange: Exchange, status: number): void {
  try {
    sendError(exchange, status);
  } catch (error) {
    exchange.report(error);
    sendPlainError(exchange);
  }
}

function writeError(exchange: Exchange, status: number, error: unknown): unknown {
  try {
    setErrorHeaders(exchange, error);
    return exchange.handler?.writeError(status, { error });
  } catch (failure) {
    exchange.report(failure);
    return undefined;
  }
}

async function awaitPage(exchange: Exchange, writing: PromiseLike<unknown>): Promise<void> {
  exchange.phase = "failing";
  try {
    await writing;
    if (!exchange.finished) exchange.finish();
  } catch (failure) {
    if (!exchange.discarding) collapse(exchange, failure);
  }
}

function sendBodiless(exchange: Exchange, error: unknown): void {
  setErrorHeaders(exchange, error);
  exchange.finish();
}

function setErrorHeaders(exchange: Exchange, error: unknown): void {
  if (!(error instanceof HTTPError)) return;
  for (const [name, value] of Object.entries(error.headers)) exchange.setHeader(name, value);
}

/** Half a response went out: all that is left is to show the client that it is cut short. */
export function cutShort(exchange: Exchange, error: unknown): void {
  // A client that leaves is no fault of the handler that writes to it, and no news.
  if (!(error instanceof StreamClosedError)) {
    exchange.report(error instanceof HTTPError ? tooLateFor(error) : error);
  }
  exchange.breakOff(error);
}

/** The end of a request whose hooks fail even while an error is reported. */
export function collapse(exchange: Exchange, error: unknown): void {
  exchange.report(error);
  if (exchange.streaming) exchange.breakOff(error);
  else if (!exchange.finished) sendPlainError(exchange);
}

function sendPlainError(exchange: Exchange): void {
  exchange.replace(new Response("Internal Server Error", { status: 500 }));
}

function tooLateFor(error: unknown): Error {
  return new Error("Cannot send an error page: the response has begun", { cause: error });
}
