/** The settings of an application, its own and those of its parts, and the check of them. */
import { AUTH_SETTINGS, type AuthSettings } from "../auth/settings.ts";
import { calledElsewhere, checkIsCalled, suggest } from "../checks/mistakes.ts";
import {
  BOOLEAN,
  checkOptions,
  FUNCTION,
  FUNCTIONS,
  OBJECT,
  type OptionType,
  type OptionTypes,
  STRING,
} from "../checks/option_check.ts";
import { shown } from "../checks/shown.ts";
import type { Platform } from "../platform/platform.ts";
import {
  LISTEN_OPTIONS,
  type ListenOptions,
  SERVER_SETTINGS,
  type ServerOptions,
} from "../server/settings.ts";
import { checkTopicSettings, TOPIC_SETTINGS, type TopicSettings } from "../topics/settings.ts";
import { WEBSOCKET_SETTINGS, type WebSocketSettings } from "../websocket/settings.ts";
import { type HandlerClass, isHandlerClass } from "./handler_traits.ts";
import type { Middleware } from "./middleware/middleware.ts";
import { PAGE_SETTINGS, type PageSettings } from "./pages/settings.ts";
import { FORM_SETTINGS, type FormSettings } from "./request/settings.ts";
import type { RequestHandler } from "./request_handler.ts";
import { SESSION_SETTINGS, type SessionSettings } from "./session/settings.ts";
import { checkSignedSettings, SIGNED_SETTINGS, type SignedSettings } from "./signed/settings.ts";
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
    TopicSettings,
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
  /**
   * Development mode: error pages show what went wrong and where, templates and static files are read
   * anew, and pages load again by themselves when these or the application change. Never for others: it
   * tells strangers about your code. Default `false`. `docs/development.md` says more.
   */
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
   * Show the stack of an exception on the error page, as text. With `debug` there is more than that:
   * `false` turns it off, `true` also shows it under names that could be a stranger's. Never in
   * production: it tells strangers about your code. Default `false`.
   */
  serveTraceback?: boolean;
  /** Where `@authenticated` sends those who are not logged in. Default none. */
  loginUrl?: string;
  /** Functions around every request, the first one outermost. Default none. */
  middleware?: readonly Middleware[];
  /** The runtime beneath, where it is not to be detected. */
  platform?: Platform;
}

/** The names of those that belong to no part. */
type OwnSetting = Exclude<
  keyof ApplicationSettings,
  | keyof ServerOptions
  | keyof FormSettings
  | keyof PageSettings
  | keyof SignedSettings
  | keyof SessionSettings
  | keyof StaticSettings
  | keyof WebSocketSettings
  | keyof TopicSettings
  | keyof AuthSettings
>;

const HANDLER: OptionType = { name: "a handler class", test: isHandlerClass };
const OWN: OptionType = {
  name: "an object",
  test: (value) => OBJECT.test(value) && !Array.isArray(value),
};

/** The checks of the settings of the application as a whole. */
export const OWN_SETTINGS: Readonly<Record<OwnSetting, OptionType>> = {
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

/** The checks of all settings. The defaults of those of a part stand in its table. */
export const APPLICATION_SETTINGS: Readonly<Record<keyof ApplicationSettings, OptionType>> = {
  ...SERVER_SETTINGS,
  ...FORM_SETTINGS,
  ...PAGE_SETTINGS,
  ...SIGNED_SETTINGS,
  ...SESSION_SETTINGS,
  ...STATIC_SETTINGS,
  ...WEBSOCKET_SETTINGS,
  ...TOPIC_SETTINGS,
  ...AUTH_SETTINGS,
  ...OWN_SETTINGS,
};

/** @throws {TypeError} If a setting is unknown or ill-typed; the message names it. */
export function checkSettings(settings: ApplicationSettings): void {
  checkOptions(settings, APPLICATION_SETTINGS, "setting", settingHint);
  checkSignedSettings(settings);
  checkTopicSettings(settings);
  settings.middleware?.forEach(checkIsCalled);
}

/**
 * Settings as an application keeps them: where there are secrets among them, a copy that does not
 * enumerate these, so that nothing prints them by accident.
 */
export function hideSecrets<Own extends object>(
  settings: ApplicationSettings<Own>,
): Readonly<ApplicationSettings<Own>> {
  return hideThose(settings, APPLICATION_SETTINGS);
}

/** Settings without those that are secret among what can be enumerated; as they are if there are none. */
export function hideThose<Settings extends object>(
  settings: Settings,
  types: OptionTypes,
): Readonly<Settings> {
  const secrets = Object.keys(settings).filter((name) => types[name]?.secret);
  if (secrets.length === 0) return settings;
  const copy = { ...settings };
  for (const name of secrets) Object.defineProperty(copy, name, { enumerable: false });
  return copy;
}

/**
 * Checks what a server is told.
 *
 * @throws {TypeError} If the port is no number, or an option is unknown or ill-typed; the message
 *   names it.
 * @throws {RangeError} If there is no such port.
 */
export function checkListenOptions(port: number, options: ListenOptions): void {
  checkPort(port);
  checkOptions(options, LISTEN_OPTIONS, "option of listen()", listenHint);
}

function settingHint(name: string): string {
  const elsewhere = calledElsewhere(name);
  if (elsewhere !== undefined) return `: ${elsewhere}`;
  if (Object.hasOwn(LISTEN_OPTIONS, name)) return ": it is an option of listen()";
  return suggest(name, APPLICATION_SETTINGS) || ': what is your own goes into the setting "own"';
}

function listenHint(name: string): string {
  return Object.hasOwn(APPLICATION_SETTINGS, name) ? ": it is a setting of the application" : "";
}

function checkPort(port: unknown): void {
  const message = `Cannot listen on port ${shown(port)}: expected a whole number from 0 to 65535` +
    (typeof port === "object" ? "; options come behind it, as in listen(8888, { … })" : "");
  if (typeof port !== "number") throw new TypeError(message);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(message);
}
