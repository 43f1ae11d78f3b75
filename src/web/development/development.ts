/** What the setting `debug` brings along: pages about errors, and pages that keep themselves fresh. */
import { settingOf } from "../../checks/option_check.ts";
import type { Chunk } from "../../http/body/chunk.ts";
import { excerpt } from "../../http/excerpt.ts";
import { acceptWeight } from "../../http/fields/accept.ts";
import { generalLog } from "../../log.ts";
import { detectPlatform } from "../../platform/platform.ts";
import type { ApplicationSettings } from "../application_settings.ts";
import type { Exchange } from "../exchange.ts";
import type { HandlerClass } from "../handler_traits.ts";
import type { HTTPServerRequest } from "../request/http_server_request.ts";
import type { ErrorPage } from "../response/error_page.ts";
import { issuesOf, prefersJson, withIssueList } from "../response/error_page.ts";
import { NO_GROUPS } from "../routing/path_pattern.ts";
import type { RouteMatch, RuleRouter } from "../routing/routing.ts";
import { STATIC_SETTINGS } from "../static/settings.ts";
import { reportOf } from "./error_report.ts";
import { reportAsPage } from "./error_report_page.ts";
import { reportAsJson, reportAsText } from "./error_report_text.ts";
import { isForOwnHost } from "./own_host.ts";
import { ReloadFeed } from "./reload_feed.ts";
import { ReloadHandler, ReloadScriptHandler } from "./reload_handlers.ts";
import { EVENTS_NAME, RELOAD_PREFIX, SCRIPT_NAME } from "./reload_script.ts";
import { withReloadTag } from "./reload_tag.ts";

/** Is made for an application with the setting `debug`, and for no other. */
export class Development {
  readonly #settings: Readonly<ApplicationSettings>;
  readonly #routers: () => readonly RuleRouter[];
  readonly #feed: ReloadFeed;
  #hasWarned = false;

  /**
   * @param settings The settings of the application.
   * @param routers Gives its routers, those for hosts first.
   */
  constructor(settings: Readonly<ApplicationSettings>, routers: () => readonly RuleRouter[]) {
    this.#settings = settings;
    this.#routers = routers;
    const { platform = detectPlatform(), templatePath, staticPath } = settings;
    const staticUrlPrefix = settingOf(STATIC_SETTINGS, settings, "staticUrlPrefix");
    this.#feed = new ReloadFeed(platform.files, { templatePath, staticPath, staticUrlPrefix });
  }

  /**
   * The handler of what pages ask for to keep themselves fresh; `null` for any other path, and for a
   * host that could be a stranger's.
   */
  find(request: HTTPServerRequest): RouteMatch | null {
    if (!request.path.startsWith(RELOAD_PREFIX) || !this.#isForUs(request)) return null;
    const name = request.path.slice(RELOAD_PREFIX.length);
    if (name === SCRIPT_NAME) return matchOf(ReloadScriptHandler, {});
    return name === EVENTS_NAME ? matchOf(ReloadHandler, { feed: this.#feed }) : null;
  }

  /** Whether a handler belongs here, and not to the application: its requests are not logged. */
  owns({ handlerClass }: RouteMatch): boolean {
    return handlerClass === ReloadHandler || handlerClass === ReloadScriptHandler;
  }

  /** A body, with the script in it if it is a page. */
  refresh(exchange: Exchange, body: Chunk): Chunk {
    if (!this.#isForUs(exchange.request)) return body;
    const nonce = exchange.handler?.cspNonce ?? "";
    const page = withReloadTag(body, exchange, { version: this.#feed.version, nonce });
    // A page that a test asks for in process has nobody who would close the watch.
    const isServed = exchange.request.connection.remoteAddr !== undefined;
    if (page !== body && isServed) this.#feed.watchFor(exchange.application);
    return page;
  }

  /**
   * The page about an error: HTML for a browser, JSON for who prefers that, else text. `null` where
   * `serveTraceback` is `false`, or not set and the host could be a stranger's.
   */
  errorPage(exchange: Exchange, status: number, error: unknown): ErrorPage | null {
    const { request, handler } = exchange;
    const { serveTraceback = this.#isForOwnHost(request) } = this.#settings;
    if (!serveTraceback) return null;
    const report = reportOf(exchange, { status, error }, this.#routers());
    const nonce = handler?.cspNonce ?? "";
    const page = prefersJson(request)
      ? {
        contentType: "application/json; charset=UTF-8",
        body: JSON.stringify({ ...reportAsJson(report), issues: issuesOf(error) }),
      }
      : isBrowser(request)
      ? { contentType: "text/html; charset=UTF-8", body: reportAsPage(report, nonce) }
      : { contentType: "text/plain; charset=UTF-8", body: reportAsText(report) };
    return withIssueList(page, error);
  }

  /** A tunnel that may show errors may also tell of changes. */
  #isForUs(request: HTTPServerRequest): boolean {
    return this.#settings.serveTraceback === true || isForOwnHost(request);
  }

  #isForOwnHost(request: HTTPServerRequest): boolean {
    const isOwn = isForOwnHost(request);
    if (isOwn || this.#hasWarned) return isOwn;
    this.#hasWarned = true;
    generalLog()?.warn(
      "An error page for {host} shows nothing: a stranger's page could read it under such a name; " +
        "set serveTraceback to true if the name is yours",
      { host: excerpt(request.host) },
    );
    return false;
  }
}

function matchOf(handlerClass: HandlerClass, args: object): RouteMatch {
  return { handlerClass, args, groups: NO_GROUPS };
}

/** A browser asks for HTML by its name; curl and others take anything. */
export function isBrowser(request: HTTPServerRequest): boolean {
  const accept = request.header("accept");
  return acceptWeight(accept, "text/html") > acceptWeight(accept, "text/plain");
}
