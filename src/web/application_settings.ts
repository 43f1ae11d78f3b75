/** The settings of an application: its own, and those of its parts. */
import { AUTH_SETTINGS, type AuthSettings } from "../auth/settings.ts";
import {
  BOOLEAN,
  FUNCTION,
  FUNCTIONS,
  OBJECT,
  type OptionType,
  STRING,
} from "../checks/option_check.ts";
import type { Platform } from "../platform/platform.ts";
import { SERVER_SETTINGS, type ServerOptions } from "../server/settings.ts";
import { WEBSOCKET_SETTINGS, type WebSocketSettings } from "../websocket/settings.ts";
import { type HandlerClass, isHandlerClass } from "./handler_traits.ts";
import type { Middleware } from "./middleware/middleware.ts";
import { PAGE_SETTINGS, type PageSettings } from "./pages/settings.ts";
import { FORM_SETTINGS, type FormSettings } from "./request/settings.ts";
import type { RequestHandler } from "./request_handler.ts";
import { SESSION_SETTINGS, type SessionSettings } from "./session/settings.ts";
import { SIGNED_SETTINGS, type SignedSettings } from "./signed/settings.ts";
import { STATIC_SETTINGS, type StaticSettings } from "./static/settings.ts";

/**
 * What an application can be told. Every setting is optional.
 *
 * An unknown setting, or one of the wrong type, is a `TypeError` when the application is built. What
 * is your own goes into `own`, or into a subclass of `Application`.
 *
 * @typeParam Own The type of the setting `own`.
 *
 * @category Applications and routes
 */
export interface ApplicationSettings<Own extends object = object>
  extends
    ServerOptions,
    FormSettings,
    PageSettings,
    SignedSettings,
    SessionSettings,
    StaticSettings,
    WebSocketSettings,
    AuthSettings {
  /**
   * What is your own: what Python's applications keep in their settings under names that they choose.
   * Handlers have it as `this.settings.own`, of the type that the application gives it. Default none.
   *
   * @example
   * ```ts
   * import { Application, RequestHandler } from "@gustnado/gustnado";
   * import { assertEquals } from "@std/assert";
   *
   * type App = Application<{ contents: Map<string, string> }>;
   *
   * class Page extends RequestHandler<App> {
   *   override get(name: string) {
   *     this.write(this.settings.own.contents.get(name) ?? "nothing");
   *   }
   * }
   *
   * const own = { contents: new Map([["wind", "a gust"]]) };
   * const app: App = new Application([["/:name", Page]], { own });
   * const response = await app.fetch(new Request("http://localhost/wind"));
   * assertEquals(await response.text(), "a gust");
   * ```
   */
  own?: Own;
  /** Development mode: shows tracebacks, and rereads static files. Default `false`. */
  debug?: boolean;
  /** The handler of requests that no route matches. Default: a 404 page. */
  defaultHandlerClass?: HandlerClass;
  /** What the `initialize` of `defaultHandlerClass` receives. Default `{}`. */
  defaultHandlerArgs?: object;
  /**
   * The host whose rules also apply to hosts that no rule matches, unless the request came through a
   * proxy that set `X-Real-Ip`. Default none. Setting it gives up a protection from DNS rebinding.
   */
  defaultHost?: string;
  /**
   * Compress responses with gzip where the client accepts it and the content type compresses.
   * Default `false`. Do not compress pages that hold a secret next to what a client sent (BREACH).
   */
  compressResponse?: boolean;
  /**
   * Is called once per request when the response is complete, in place of the access log. Nobody waits
   * for its promise; if that is rejected, it is logged.
   */
  logFunction?: (handler: RequestHandler) => void | PromiseLike<void>;
  /**
   * Show the stack of an exception on the error page. Default: as `debug`. Never in production: it
   * tells strangers about your code.
   */
  serveTraceback?: boolean;
  /** Where `@authenticated` sends those who are not logged in. Default none. */
  loginUrl?: string;
  /** Functions around every request, the first one outermost. Default none. */
  middleware?: readonly Middleware[];
  /** The runtime beneath, where it is not to be detected. */
  platform?: Platform;
}

const HANDLER: OptionType = { name: "a handler class", test: isHandlerClass };
const OWN: OptionType = {
  name: "an object",
  test: (value) => OBJECT.test(value) && !Array.isArray(value),
};

/** The checks of all settings. The defaults of those of a part stand in its table. */
export const APPLICATION_SETTINGS: Readonly<Record<keyof ApplicationSettings, OptionType>> = {
  ...SERVER_SETTINGS,
  ...FORM_SETTINGS,
  ...PAGE_SETTINGS,
  ...SIGNED_SETTINGS,
  ...SESSION_SETTINGS,
  ...STATIC_SETTINGS,
  ...WEBSOCKET_SETTINGS,
  ...AUTH_SETTINGS,
  own: OWN,
  debug: BOOLEAN,
  defaultHandlerClass: HANDLER,
  defaultHandlerArgs: OWN,
  defaultHost: STRING,
  compressResponse: BOOLEAN,
  logFunction: FUNCTION,
  serveTraceback: BOOLEAN,
  loginUrl: STRING,
  middleware: FUNCTIONS,
  platform: OBJECT,
};
