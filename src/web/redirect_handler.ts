/** Routes that lead elsewhere. */
import type { HandlerClass } from "./handler_traits.ts";
import { BOOLEAN, STRING } from "../checks/option_check.ts";
import { checkRouteArgs, type RouteToCheck } from "./routing/route_check.ts";
import { RequestHandler } from "./request_handler.ts";

/**
 * Redirects every GET (`tornado.web.RedirectHandler`).
 *
 * `{0}` and `{name}` in its URL stand for the groups of the route's pattern, percent-encoded; the
 * request's query is added to it as it came.
 *
 * @example
 * ```ts
 * import { Application, RedirectHandler } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const app = new Application([["/old/:page", RedirectHandler, { url: "/new/{page}" }]]);
 * const response = await app.fetch(new Request("http://localhost/old/news?day=1"));
 * assertEquals(response.status, 301);
 * assertEquals(response.headers.get("Location"), "/new/news?day=1");
 * ```
 *
 * @category Handlers
 */
export class RedirectHandler extends RequestHandler {
  /**
   * Checks a route to the class, or to one that derives from it.
   */
  private static checkRouteTo(target: HandlerClass, route: RouteToCheck): void {
    checkRouteArgs(target, RedirectHandler, { route, types: ROUTE_ARGS, required: "url" });
  }

  #url = "";
  #permanent = true;

  /**
   * Takes the target from the route.
   *
   * @param args `url` is where to; 301 unless `permanent` is `false`, which gives 302.
   */
  override initialize(args: { url: string; permanent?: boolean }): void {
    this.#url = args.url;
    this.#permanent = args.permanent ?? true;
  }

  /** Redirects. */
  override get(): void {
    const target = this.#url.replace(/\{(\w+)\}/g, (hole, name: string) => {
      const group = /^\d+$/.test(name) ? this.pathArgs[Number(name)] : this.pathKwargs[name];
      return group === undefined ? hole : encodeGroup(group);
    });
    const url = withQuery(this.#withinSite(target), this.request.query);
    this.redirect(url, { permanent: this.#permanent });
  }

  /** Two slashes at the start name another host, and only the route may do that. */
  #withinSite(target: string): string {
    return this.#url.startsWith("//") ? target : target.replace(/^\/{2,}/, "/");
  }
}

const ROUTE_ARGS = { url: STRING, permanent: BOOLEAN };

function encodeGroup(group: string): string {
  return encodeURIComponent(group.toWellFormed()).replaceAll("%2F", "/");
}

/** The query is passed on as it came: whether it can be decoded is for the other place to say. */
function withQuery(url: string, query: string): string {
  if (query === "") return url;
  const [place = "", ...fragment] = url.split(/(?=#)/);
  const mark = place.includes("?") ? /[?&]$/.test(place) ? "" : "&" : "?";
  return `${place}${mark}${query}${fragment.join("")}`;
}
