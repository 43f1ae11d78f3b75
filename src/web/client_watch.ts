/** Looks out for a client that leaves before it has its response. */
import { isPromiseLike, whenSettled } from "../concurrent/coroutine/promise_like.ts";
import type { Exchange } from "./exchange.ts";
import { StreamClosedError } from "./http_error.ts";

/**
 * What is known of the client: nobody looks; somebody does; it has left, and `onConnectionClose` is
 * still busy; that is done, too.
 */
export type ClientState = "unwatched" | "watched" | "leaving" | "gone";

/** The status in the log of a request whose client left before it was answered, as nginx's. */
const CLIENT_LEFT = 499;

/** To be told if the client leaves, before the handler's own listeners are. */
export function listen(exchange: Exchange): void {
  if (exchange.client !== "unwatched") return;
  exchange.client = "watched";
  exchange.request.onLeave(() => {
    if (!exchange.streaming) clientLeft(exchange);
  });
}

/**
 * Looks out for a client that leaves before anything was sent. Later the stream tells, and what is
 * answered at once need not know: on Deno, to ask has its price, and a notice on stderr.
 */
export function watch(exchange: Exchange): void {
  if (exchange.finished || exchange.streaming) return;
  listen(exchange);
  if (exchange.request.signal.aborted) clientLeft(exchange);
}

/** The client has left before its response was complete. */
export function clientLeft(exchange: Exchange): void {
  const known = exchange.client === "leaving" || exchange.client === "gone";
  if (exchange.finished || known) return;
  exchange.client = "leaving";
  const telling = exchange.traits.hasOnConnectionClose ? tellHandler(exchange) : undefined;
  whenSettled(telling, () => {
    exchange.client = "gone";
    // A handler that still runs ends the response when it returns, a page when it is there.
    const idle = exchange.phase === "returned" && exchange.pagesUnderWay === 0;
    // Who takes the request away answers in the handler's place.
    if (idle && !exchange.taken) leave(exchange);
  });
}

/**
 * Ends a request that has waited for something before its upgrade, if its client has left meanwhile:
 * Deno would wait for the end of such an upgrade forever.
 *
 * @returns Whether the client is there.
 */
export async function stays(exchange: Exchange): Promise<boolean> {
  const { raw, server: { platform } } = exchange.request;
  if (!await platform.hasLeft(raw)) return !exchange.taken;
  exchange.request.disconnect(new StreamClosedError());
  clientLeft(exchange);
  leave(exchange);
  return false;
}

function tellHandler(exchange: Exchange): Promise<void> | undefined {
  try {
    const result: unknown = exchange.handler?.onConnectionClose();
    if (!isPromiseLike(result)) return undefined;
    return Promise.resolve(result).then(() => {}, (error) => exchange.report(error));
  } catch (error) {
    exchange.report(error);
    return undefined;
  }
}

/** Nobody is there any more to be answered: the request is over. */
export function leave(exchange: Exchange): void {
  exchange.taken = true;
  if (exchange.finished) return;
  if (exchange.streaming) exchange.breakOff(new StreamClosedError());
  else exchange.replace(new Response(null, { status: CLIENT_LEFT }));
}

/** The server has waited long enough: the client gets what there is, or a 503. */
export function cutOff(exchange: Exchange): void {
  exchange.taken = true;
  exchange.session?.giveUp();
  const wasStreaming = exchange.streaming;
  exchange.request.disconnect(new StreamClosedError());
  if (exchange.finished) return;
  if (wasStreaming) {
    clientLeft(exchange);
    exchange.breakOff(undefined);
  } else {
    exchange.replace(new Response("Service Unavailable", { status: 503 }));
  }
}
