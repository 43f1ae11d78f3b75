/** What stands in the place of `handler_pages.ts` in the package, for Workers. */
import type { Exchange } from "../exchange.ts";
import type { RequestHandler } from "../request_handler.ts";
import type { HandlerPages } from "./handler_pages.ts";
import type { PageKit } from "./page_kit_on_workers.ts";

/**
 * See `handler_pages.ts`.
 *
 * @throws {UnsupportedFeatureError} If the settings name no loader.
 */
export function pagesOf(handler: RequestHandler, exchange: Exchange): HandlerPages {
  // Without a loader there is none, and who asks for it is told so.
  const kit = exchange.parts.pageKit as PageKit;
  return kit.pagesOf(handler, exchange);
}
