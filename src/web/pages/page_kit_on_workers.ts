/** What stands in the place of `page_kit.ts` in the package, for Workers. */
import type { Exchange } from "../exchange.ts";
import type { RequestHandler } from "../request_handler.ts";
import { HandlerPages } from "./handler_pages.ts";
import { PageKit as Kit } from "./page_kit.ts";

/** See `page_kit.ts`; it brings along what handlers do with pages. */
export class PageKit extends Kit {
  /** See `handler_pages.ts`. */
  pagesOf(handler: RequestHandler, exchange: Exchange): HandlerPages {
    return new HandlerPages(handler, exchange);
  }
}
