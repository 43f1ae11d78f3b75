import type { Exchange } from "./exchange.ts";
import type { Chunk } from "../http/body/chunk.ts";

/**
 * Completes the response with what a promise will give, instead of at the end of the verb method. The
 * handler may wait for it or not: its failure is the request's either way.
 */
export function finishLater(exchange: Exchange, body: Promise<Chunk>): Promise<void> {
  const { errorPages } = exchange;
  exchange.pagesUnderWay++;
  const done = body.then((chunk) => {
    exchange.pagesUnderWay--;
    const isCurrent = exchange.errorPages === errorPages;
    if (isCurrent && !exchange.finished) exchange.finish(chunk);
  }, (error) => {
    exchange.pagesUnderWay--;
    throw error;
  });
  done.catch((error) => {
    // As long as the verb method runs, it may be waiting, and see to the failure itself.
    if (exchange.phase === "running") exchange.lateFailure = { error };
    else if (!exchange.finished) exchange.fail(error);
  });
  return done;
}
