/** The check of what an application or a server is told. */
import type { ListenOptions } from "../server/http_server.ts";
import type { ServerOptions } from "../server/server_context.ts";
import { COOKIE_ATTRIBUTES } from "./response/cookie_attributes.ts";
import {
  BOOLEAN,
  checkOptions,
  FUNCTION,
  FUNCTIONS,
  OBJECT,
  type OptionType,
  type OptionTypes,
  SIGNAL,
  SIZE,
  STRING,
  STRINGS,
  suggest,
} from "../checks/option_check.ts";
import { isWhitespace } from "../template/syntax/whitespace.ts";
import { isSlowPeerPolicy } from "../websocket/limits.ts";
import type { ApplicationSettings } from "./application_settings.ts";
import { checkKeyVersion, isCookieSecret, isKeyVersion } from "./signed/cookie_secret.ts";
import { isHandlerClass } from "./handler_traits.ts";
import type { FormLimits } from "./request/request_body.ts";
import { isSessionOptions } from "./session/session_options.ts";

const HANDLER: OptionType = { name: "a handler class", test: isHandlerClass };
const STATIC_HANDLER: OptionType = {
  name: "a class of static files",
  test: (value) => isHandlerClass(value) && "makeStaticUrl" in value,
};
const URL_PREFIX: OptionType = {
  name: 'a path that begins and ends with "/"',
  test: (value) => typeof value === "string" && /^\/(?:[\w.~!$&'+,;=:@%-]+\/)*$/.test(value),
};
const SCHEME: OptionType = {
  name: '"http" or "https"',
  test: (value) => value === "http" || value === "https",
};

const LOADER: OptionType = {
  name: "a template loader",
  test: (value) => OBJECT.test(value) && typeof Object(value).load === "function",
};
const ESCAPER: OptionType = {
  name: "a function, the name of one, or null",
  test: (value) => value === null || STRING.test(value) || FUNCTION.test(value),
};
const WHITESPACE: OptionType = {
  name: '"all", "single" or "oneline"',
  test: isWhitespace,
};

const COOKIE_SECRET: OptionType = {
  name: "a string or bytes, not empty, or a record of at least one of them by its version",
  test: isCookieSecret,
  secret: true,
};
const KEY_VERSION: OptionType = { name: "a whole number from 0", test: isKeyVersion };

const OAUTH_KEYS: OptionType = {
  name: "an object { key, secret? } of strings",
  test: isOAuthKeys,
  secret: true,
};
const OPENID_SETTINGS: OptionType = {
  name: "an object { issuer, key, secret? } of strings",
  test: (value) => isOAuthKeys(value) && STRING.test(Object(value).issuer),
  secret: true,
};
const SECRET: OptionType = { ...STRING, secret: true };

const SLOW_PEER_POLICY: OptionType = {
  name: '"close", "drop" or "wait"',
  test: isSlowPeerPolicy,
};
const PING_TIMEOUT: OptionType = {
  name: "a number above 0",
  test: (value) => typeof value === "number" && value > 0,
};

const SESSION: OptionType = { name: "the options of sessions", test: isSessionOptions };

const XHEADERS: OptionType = {
  name: 'a boolean or "forwarded"',
  test: (value) => BOOLEAN.test(value) || value === "forwarded",
};
const UNHANDLED_ERRORS: OptionType = {
  name: '"log" or "exit"',
  test: (value) => value === "log" || value === "exit",
};

const SERVER_TYPES: Record<keyof ServerOptions, OptionType> = {
  xheaders: XHEADERS,
  trustedDownstream: STRINGS,
  protocol: SCHEME,
  maxBodySize: SIZE,
  bodyTimeout: SIZE,
  decompressRequest: BOOLEAN,
  graceMs: SIZE,
  unhandledErrors: UNHANDLED_ERRORS,
};

const OWN: OptionType = {
  name: "an object",
  test: (value) => OBJECT.test(value) && !Array.isArray(value),
};

const TYPES: Record<keyof ApplicationSettings, OptionType> = {
  ...SERVER_TYPES,
  own: OWN,
  debug: BOOLEAN,
  defaultHandlerClass: HANDLER,
  defaultHandlerArgs: OBJECT,
  defaultHost: STRING,
  compressResponse: BOOLEAN,
  logFunction: FUNCTION,
  serveTraceback: BOOLEAN,
  templatePath: STRING,
  templateLoader: LOADER,
  autoescape: ESCAPER,
  templateWhitespace: WHITESPACE,
  compiledTemplateCache: BOOLEAN,
  uiModules: OBJECT,
  uiMethods: OBJECT,
  xsrfCookies: BOOLEAN,
  xsrfCheckOrigin: BOOLEAN,
  xsrfCookieName: STRING,
  xsrfCookieOptions: OBJECT,
  cookieSecret: COOKIE_SECRET,
  keyVersion: KEY_VERSION,
  session: SESSION,
  loginUrl: STRING,
  middleware: FUNCTIONS,
  maxArguments: SIZE,
  maxMultipartParts: SIZE,
  maxMultipartHeaderBytes: SIZE,
  websocketPingInterval: SIZE,
  websocketPingTimeout: PING_TIMEOUT,
  websocketMaxMessageSize: SIZE,
  websocketHighWaterMark: SIZE,
  websocketMaxBufferedBytes: SIZE,
  websocketOnSlow: SLOW_PEER_POLICY,
  websocketInboxMessages: SIZE,
  websocketInboxBytes: SIZE,
  websocketCloseTimeout: SIZE,
  staticPath: STRING,
  staticUrlPrefix: URL_PREFIX,
  staticHandlerClass: STATIC_HANDLER,
  staticHandlerArgs: OBJECT,
  staticHashCache: BOOLEAN,
  staticCacheSize: SIZE,
  openidConnect: OPENID_SETTINGS,
  googleOauth: OAUTH_KEYS,
  githubOauth: OAUTH_KEYS,
  facebookApiKey: STRING,
  facebookSecret: SECRET,
  platform: OBJECT,
};

const LISTEN_TYPES: Record<keyof ListenOptions, OptionType> = {
  ...SERVER_TYPES,
  hostname: STRING,
  path: STRING,
  cert: STRING,
  key: STRING,
  signal: SIGNAL,
  handleSignals: BOOLEAN,
  onListen: FUNCTION,
};

/** @throws {TypeError} If a setting is unknown or ill-typed; the message names it. */
export function checkSettings(settings: ApplicationSettings): void {
  checkOptions(settings, TYPES, "setting", settingHint);
  const { xsrfCookieOptions = {} } = settings;
  checkOptions(xsrfCookieOptions, COOKIE_ATTRIBUTES, 'attribute in "xsrfCookieOptions"');
  checkKeyVersion(settings.cookieSecret, settings.keyVersion);
  if (settings.xsrfCheckOrigin && !settings.xsrfCookies) {
    throw new TypeError('Cannot use the setting "xsrfCheckOrigin" without "xsrfCookies": set both');
  }
}

/**
 * Settings as an application keeps them: where there are secrets among them, a copy that does not
 * enumerate these, so that nothing prints them by accident.
 */
export function hideSecrets<Own extends object>(
  settings: ApplicationSettings<Own>,
): Readonly<ApplicationSettings<Own>> {
  const types: OptionTypes = TYPES;
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
  checkOptions(options, LISTEN_TYPES, "option", listenHint);
}

/** What Tornado, or another place here, calls what is meant. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  gzip: 'it is called "compressResponse"',
  autoreload: "start the application with `deno run --watch`",
  autoescape_function: 'it is called "autoescape"',
  max_buffer_size: 'it is called "maxBodySize"',
  ui_module: 'it is called "uiModules"',
  log_request: 'it is called "logFunction"',
  transforms: 'write a "middleware"',
  routes: "they are the first argument of the application",
  handlers: "they are the first argument of the application",
  port: "it is the first argument of listen()",
  ssl_options: 'give listen() "cert" and "key"',
};

function settingHint(name: string): string {
  const elsewhere = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
  if (elsewhere !== undefined) return `: ${elsewhere}`;
  if (Object.hasOwn(LISTEN_TYPES, name)) return ": it is an option of listen()";
  return suggest(name, TYPES) || ': what is your own goes into the setting "own"';
}

function listenHint(name: string): string {
  return Object.hasOwn(TYPES, name) ? ": it is a setting of the application" : "";
}

function checkPort(port: unknown): void {
  const shown = typeof port === "string" ? JSON.stringify(port) : String(port);
  const message = `Cannot listen on port ${shown}: expected a whole number from 0 to 65535`;
  if (typeof port !== "number") throw new TypeError(message);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(message);
}

function isOAuthKeys(value: unknown): boolean {
  const { key, secret } = Object(value);
  return typeof key === "string" && (secret === undefined || typeof secret === "string");
}

/** The limits of forms that were set; `null` if none was. */
export function formLimits(
  settings: ApplicationSettings,
): FormLimits | null {
  const { maxArguments, maxMultipartParts, maxMultipartHeaderBytes } = settings;
  const limits = {
    ...(maxArguments === undefined ? {} : { maxArguments }),
    ...(maxMultipartParts === undefined ? {} : { maxParts: maxMultipartParts }),
    ...(maxMultipartHeaderBytes === undefined
      ? {}
      : { maxPartHeaderBytes: maxMultipartHeaderBytes }),
  };
  return Object.keys(limits).length === 0 ? null : limits;
}
