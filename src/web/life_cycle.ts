/** The life of a request on one page: its steps in order, where errors go, and how it ends. */
import { verbSpelling } from "../checks/mistakes.ts";
import { isPromiseLike } from "../concurrent/coroutine/promise_like.ts";
import { excerpt } from "../http/excerpt.ts";
import { HTTPInputError } from "../http/input_error.ts";
import { keepIfPromise, keepUntilDone } from "../server/server_context.ts";
import { leave, listen, stays, watch } from "./client_watch.ts";
import { collapse, cutShort, sendError } from "./error_answer.ts";
import type { Exchange } from "./exchange.ts";
import { type HandlerClass, traitsOf } from "./handler_traits.ts";
import { Finish, HTTPError } from "./http_error.ts";
import { findUserOf, type RequestHandler } from "./request_handler.ts";
import { decodePathArgs, decodeText } from "./request/arguments.ts";
import { keepRefusal, setRefusal } from "./request/served_request.ts";
import { needsXsrfToken } from "./signed/xsrf.ts";

// What is done for a request, in this order: the rows of `goOn`.
const SET_DEFAULT_HEADERS = 0;
const INITIALIZE = 1;
const LOAD_SESSION = 2;
const READ_BODY = 3;
const FIND_USER = 4;
const CHECK_XSRF_COOKIE = 5;
const PREPARE = 6;
const RECEIVE_BODY = 7;
const CALL_VERB = 8;
const END = 9;

/**
 * Answers a request. The response is there at once, unless a step waits: a handler that never awaits
 * is answered in the same turn of the loop, which is the runtime's fastest path.
 */
export function live(exchange: Exchange): Response | Promise<Response> {
  try {
    const { handlerClass } = exchange.match;
    const handler = new handlerClass(exchange);
    exchange.traits = traitsOf(handlerClass, handler);
    exchange.handler = handler;
    if (exchange.traits.hasOnConnectionClose) listen(exchange);
    goOn(exchange, handler, SET_DEFAULT_HEADERS);
  } catch (error) {
    breakOff(exchange, error);
  }
  if (!exchange.finished || exchange.saving) exchange.hold();
  if (exchange.traits.hasOnConnectionClose) watch(exchange);
  return exchange.leaving() ?? exchange.later();
}

/**
 * Goes through the steps, from one on, as far as none of them waits. It is written out, not a list
 * that is gone through, since that would cost each request a tenth of its time. Most steps give
 * nothing, which is seen without a call.
 *
 * @param given What the promise of the step before settled to.
 */
function goOn(exchange: Exchange, handler: RequestHandler, from: number, given?: unknown): void {
  let result = given;
  try {
    switch (from) {
      case SET_DEFAULT_HEADERS:
        result = putDefaultHeaders(exchange);
        if (result !== undefined && waits(exchange, handler, INITIALIZE, result)) return;
      // falls through
      case INITIALIZE:
        result = handler.initialize(exchange.match.args);
        if (result !== undefined && waits(exchange, handler, LOAD_SESSION, result)) return;
      // falls through
      case LOAD_SESSION:
        checkMethod(exchange, handler);
        result = exchange.session?.load();
        if (result !== undefined && waits(exchange, handler, READ_BODY, result)) return;
      // falls through
      case READ_BODY:
        result = readBody(exchange);
        if (result !== undefined && waits(exchange, handler, FIND_USER, result)) return;
      // falls through
      case FIND_USER:
        result = findUser(exchange, handler);
        if (result !== undefined && waits(exchange, handler, CHECK_XSRF_COOKIE, result)) return;
      // falls through
      case CHECK_XSRF_COOKIE:
        decodePath(exchange);
        result = checkXsrfCookie(exchange, handler);
        if (result !== undefined && waits(exchange, handler, PREPARE, result)) return;
      // falls through
      case PREPARE:
        result = handler.prepare();
        if (result !== undefined && waits(exchange, handler, RECEIVE_BODY, result)) return;
      // falls through
      case RECEIVE_BODY:
        if (result !== undefined) send(exchange, result);
        result = receiveBody(exchange, handler);
        if (result !== undefined && waits(exchange, handler, CALL_VERB, result)) return;
      // falls through
      case CALL_VERB:
        result = callVerb(exchange, handler);
        if (result !== undefined && waits(exchange, handler, END, result)) return;
    }
    end(exchange, result);
  } catch (error) {
    breakOff(exchange, error);
  }
}

/** Whether a step gave a promise. The next one then comes when it settles, and not now. */
function waits(exchange: Exchange, handler: RequestHandler, next: number, given: unknown): boolean {
  if (!isPromiseLike(given)) return false;
  const promise = given instanceof Promise ? given : Promise.resolve(given);
  promise.then((result) => {
    // Whose request was taken away meanwhile has nothing left to do.
    goOn(exchange, handler, exchange.taken ? END : next, result);
  }, (error) => breakOff(exchange, error));
  return true;
}

/** A step has failed: no other follows. */
function breakOff(exchange: Exchange, error: unknown): void {
  exchange.stepsAreOver();
  fail(exchange, error);
}

// ---- the steps

function putDefaultHeaders(exchange: Exchange): unknown {
  if (!exchange.traits.hasDefaultHeaders) return undefined;
  const setting = exchange.putDefaultHeaders();
  return isPromiseLike(setting) ? exchange.keepDefaultHeaders(setting) : undefined;
}

/** Decides which member answers. What the class does not let through is a 405 before anything runs. */
function checkMethod(exchange: Exchange, handler: RequestHandler): void {
  const { request, traits } = exchange;
  exchange.verb = traits.verbs.get(request.method);
  const reached = exchange.verb !== undefined || traits.anyMethod ||
    traits.supported.has(request.method);
  if (!reached) throw notAllowed(exchange);
  const { formLimits } = exchange.parts;
  if (formLimits === null && !traits.hasDecodeArgument) return;
  const decode = (value: Uint8Array, name?: string) => decodeText(handler, value, name);
  request.setParsing(formLimits ?? undefined, traits.hasDecodeArgument ? decode : undefined);
}

function readBody({ request, traits }: Exchange): Promise<void> | undefined {
  if (!traits.readsBody) return undefined;
  request.streamed = traits.streamRequestBody;
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  if (!request.streamed) return request.readBody();
  request.checkTransferCoding();
  return undefined;
}

/** Of an `async getCurrentUser`; any other runs when somebody asks for the user. */
function findUser({ traits }: Exchange, handler: RequestHandler): Promise<void> | undefined {
  return traits.asyncUser ? findUserOf(handler) : undefined;
}

function decodePath(exchange: Exchange): void {
  const { request, traits, pathArgs } = exchange;
  const encoded = pathArgs.length > 0 && (traits.hasDecodeArgument || request.path.includes("%"));
  if (encoded) exchange.pathArgs = decodePathArgs(pathArgs, exchange.decoder);
}

function checkXsrfCookie({ application, request }: Exchange, handler: RequestHandler): unknown {
  const asked = application.settings.xsrfCookies && needsXsrfToken(request.method);
  return asked ? handler.checkXsrfCookie() : undefined;
}

/** With `streamRequestBody`: the pieces of the body, one after the other. */
function receiveBody(exchange: Exchange, handler: RequestHandler): Promise<void> | undefined {
  const { traits } = exchange;
  if (mayUpgradeLate(exchange)) return stays(exchange).then(() => {});
  if (!traits.hasDataReceived || !traits.streamRequestBody || exchange.answered) return undefined;
  return pump(exchange, handler);
}

/** Whether a request that has waited may become a WebSocket. */
function mayUpgradeLate({ openIn, request, answered }: Exchange): boolean {
  const hasWaited = openIn !== undefined || request.context?.waits === true;
  return hasWaited && !answered && request.method === "GET" && request.header("upgrade") !== null;
}

async function pump(exchange: Exchange, handler: RequestHandler): Promise<void> {
  for await (const chunk of exchange.request.stream) {
    await handler.dataReceived(chunk);
    // Who has been answered early need not send the rest.
    if (exchange.answered) return;
  }
}

function callVerb(exchange: Exchange, handler: RequestHandler): unknown {
  if (exchange.answered) return undefined;
  const { verb } = exchange;
  if (verb === undefined) throw notAllowed(exchange);
  // A method whose pattern has an optional group declares the argument as optional.
  const args = exchange.pathArgs as string[];
  // A spread of nothing costs as much as the call.
  return args.length === 0 ? handler[verb]() : handler[verb](...args);
}

function notAllowed({ request, traits, match }: Exchange): HTTPError {
  setRefusal(request, noMethod(request.method, match.handlerClass, traits.allow));
  return new HTTPError(405, { headers: { Allow: traits.allow } });
}

function noMethod(method: string, { name, prototype }: HandlerClass, allow: string): string {
  return `${name || "the handler"} has no method for ${excerpt(method)}, but for ${
    allow || "nothing"
  }${verbSpelling(method, prototype)}`;
}

// ---- the end

/** The steps are done, or were not wanted any more. This ends the response, unless it is kept open. */
function end(exchange: Exchange, result: unknown): void {
  exchange.stepsAreOver();
  if (exchange.taken) return;
  if (result !== undefined) send(exchange, result);
  if (exchange.lateFailure !== undefined && exchange.untouched) throw exchange.lateFailure.error;
  if (exchange.phase !== "returned" || exchange.pagesUnderWay > 0) return;
  if (!exchange.keptOpen) exchange.finish();
  else waitForFinish(exchange);
}

/** Sends a returned `Response`. */
function send(exchange: Exchange, result: unknown): void {
  if (result === null) return;
  if (result instanceof Response) return exchange.respond(result);
  const { handlerClass: { name } } = exchange.match;
  throw new TypeError(
    `Cannot answer with the ${typeof result} that a method of ${name || "a handler"} returned: ` +
      "write() it, or return a Response",
  );
}

/** The response is kept open, so that only the client can end it beside `finish()`. */
function waitForFinish(exchange: Exchange): void {
  const { client, request, streaming } = exchange;
  if (client === "gone" || (streaming && request.method === "HEAD")) leave(exchange);
  else watch(exchange);
}

/** Answers an exception that came out of the handler: logs it, then sends an error page. */
export function fail(exchange: Exchange, error: unknown): void {
  // What a handler comes to when its request was taken from it is not its fault.
  if (exchange.taken) return;
  try {
    answerError(exchange, error);
  } catch (failure) {
    collapse(exchange, failure);
  }
}

function answerError(exchange: Exchange, error: unknown): void {
  const { request } = exchange;
  if (error instanceof Finish) {
    if (!exchange.finished) exchange.finish(error.chunk);
    return;
  }
  // Who waits for a client that has left is told so, and passes it on.
  if (request.isReasonOfLeaving(error)) return leave(exchange);
  if (exchange.streaming && !exchange.finished) return cutShort(exchange, error);
  // A client that leaves during its upload is no news.
  const left = error instanceof HTTPInputError && request.disconnected;
  if (!left) exchange.report(error);
  if (error instanceof HTTPError && !exchange.answered) {
    keepRefusal(request, `thrown by ${exchange.match.handlerClass.name || "the handler"}`);
  }
  if (!exchange.answered) sendError(exchange, statusOf(error), { error });
}

function statusOf(error: unknown): number {
  return error instanceof HTTPError || error instanceof HTTPInputError ? error.status : 500;
}

/** The response is complete, and the session kept: `onFinish`, once, and the line in the log. */
export function conclude(exchange: Exchange): void {
  exchange.letGo();
  const { handler, parts } = exchange;
  if (handler === undefined || parts.development?.owns(exchange.match)) return;
  try {
    const logging: unknown = exchange.application.logRequest(handler);
    if (logging !== undefined) keepIfPromise(logging, exchange.place);
  } catch (error) {
    exchange.report(error);
  }
  if (exchange.traits.hasOnFinish) callOnFinish(exchange, handler);
}

function callOnFinish(exchange: Exchange, handler: RequestHandler): void {
  try {
    const finishing: unknown = handler.onFinish();
    if (isPromiseLike(finishing)) awaitOnFinish(exchange, finishing);
  } catch (error) {
    exchange.report(error);
  }
}

/** The response leaves, but a server that shuts down waits for what is done after it. */
function awaitOnFinish(exchange: Exchange, finishing: PromiseLike<unknown>): void {
  exchange.phase = "finishing";
  keepUntilDone(finishing, exchange.place);
}
