/** The check of what an application, a server or a middleware is told. */
import type { ListenOptions } from "../http/http_server.ts";
import type { ServerOptions } from "../http/server_context.ts";
import { isWhitespace } from "../template/whitespace.ts";
import type { ApplicationSettings } from "./application_settings.ts";
import { checkKeyVersion, isCookieSecret, isKeyVersion } from "./cookie_secret.ts";
import { isHandlerClass } from "./handler_traits.ts";
import type { FormLimits } from "./request_body.ts";
import { isSessionOptions } from "./session/session_options.ts";

/** What may stand in a setting: a test, and its name in an error. */
export interface SettingType {
  /** What it is called in an error, with its article. */
  readonly name: string;
  /** Whether a value is of the type. */
  readonly test: (value: unknown) => boolean;
  /** An error must not quote the value. */
  readonly secret?: boolean;
}

/** `true` or `false`. */
export const BOOLEAN: SettingType = {
  name: "a boolean",
  test: (value) => typeof value === "boolean",
};
/** Text. */
export const STRING: SettingType = { name: "a string", test: (value) => typeof value === "string" };
/** Anything that has members. */
export const OBJECT: SettingType = {
  name: "an object",
  test: (value) => typeof value === "object" && value !== null,
};
/** A function. */
export const FUNCTION: SettingType = {
  name: "a function",
  test: (value) => typeof value === "function",
};
const HANDLER: SettingType = { name: "a handler class", test: isHandlerClass };
const STATIC_HANDLER: SettingType = {
  name: "a class of static files",
  test: (value) => isHandlerClass(value) && "makeStaticUrl" in value,
};
const URL_PREFIX: SettingType = {
  name: 'a path that begins and ends with "/"',
  test: (value) => typeof value === "string" && /^\/(?:[\w.~!$&'+,;=:@%-]+\/)*$/.test(value),
};
/** A number from 0, `Infinity` included. */
export const SIZE: SettingType = {
  name: "a number from 0",
  test: (value) => typeof value === "number" && value >= 0,
};
/** A list of texts. */
export const STRINGS: SettingType = {
  name: "an array of strings",
  test: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
};
const FUNCTIONS: SettingType = {
  name: "an array of functions",
  test: (value) => Array.isArray(value) && value.every((item) => typeof item === "function"),
};
const SCHEME: SettingType = {
  name: '"http" or "https"',
  test: (value) => value === "http" || value === "https",
};

const SIGNAL: SettingType = {
  name: "an AbortSignal",
  test: (value) => value instanceof AbortSignal,
};
const LOADER: SettingType = {
  name: "a template loader",
  test: (value) => OBJECT.test(value) && typeof Object(value).load === "function",
};
const ESCAPER: SettingType = {
  name: "a function, the name of one, or null",
  test: (value) => value === null || STRING.test(value) || FUNCTION.test(value),
};
const WHITESPACE: SettingType = {
  name: '"all", "single" or "oneline"',
  test: isWhitespace,
};

const COOKIE_SECRET: SettingType = {
  name: "a string or bytes, not empty, or a record of at least one of them by its version",
  test: isCookieSecret,
  secret: true,
};
const KEY_VERSION: SettingType = { name: "a whole number from 0", test: isKeyVersion };

const OAUTH_KEYS: SettingType = {
  name: "an object { key, secret? } of strings",
  test: isOAuthKeys,
  secret: true,
};
const OPENID_SETTINGS: SettingType = {
  name: "an object { issuer, key, secret? } of strings",
  test: (value) => isOAuthKeys(value) && STRING.test(Object(value).issuer),
  secret: true,
};
const SECRET: SettingType = { ...STRING, secret: true };

const SLOW_PEER_POLICY: SettingType = {
  name: '"close", "drop" or "wait"',
  test: (value) => value === "close" || value === "drop" || value === "wait",
};

const SESSION: SettingType = { name: "the options of sessions", test: isSessionOptions };

const SERVER_TYPES: Record<keyof ServerOptions, SettingType> = {
  xheaders: BOOLEAN,
  trustedDownstream: STRINGS,
  protocol: SCHEME,
  maxBodySize: SIZE,
  bodyTimeout: SIZE,
  decompressRequest: BOOLEAN,
};

const TYPES: Record<keyof ApplicationSettings, SettingType> = {
  ...SERVER_TYPES,
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

const LISTEN_TYPES: Record<keyof ListenOptions, SettingType> = {
  ...SERVER_TYPES,
  hostname: STRING,
  path: STRING,
  cert: STRING,
  key: STRING,
  signal: SIGNAL,
  handleSignals: BOOLEAN,
  graceMs: SIZE,
  onListen: FUNCTION,
};

/** @throws {TypeError} If a setting is unknown or ill-typed; the message names it. */
export function checkSettings(settings: ApplicationSettings): void {
  check(settings, TYPES, "setting");
  checkKeyVersion(settings.cookieSecret, settings.keyVersion);
  if (settings.xsrfCheckOrigin && !settings.xsrfCookies) {
    throw new TypeError('Cannot use the setting "xsrfCheckOrigin" without "xsrfCookies": set both');
  }
}

/**
 * Settings as an application keeps them: where there are secrets among them, a copy that does not
 * enumerate these, so that nothing prints them by accident.
 */
export function hideSecrets(settings: ApplicationSettings): Readonly<ApplicationSettings> {
  const types: Types = TYPES;
  const secrets = Object.keys(settings).filter((name) => types[name]?.secret);
  if (secrets.length === 0) return settings;
  const copy = { ...settings };
  for (const name of secrets) Object.defineProperty(copy, name, { enumerable: false });
  return copy;
}

/** @throws {TypeError} If an option of a server is unknown or ill-typed; the message names it. */
export function checkListenOptions(options: ListenOptions): void {
  check(options, LISTEN_TYPES, "option");
}

type Types = Readonly<Record<string, SettingType>>;

function check(values: object, types: Types, what: string): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) throw new TypeError(`Unknown ${what} "${name}"${suggest(name, types)}`);
    if (!type.test(value)) {
      const shown = type.secret ? "the value given" : show(value);
      throw new TypeError(`Cannot use ${shown} as the ${what} "${name}": expected ${type.name}`);
    }
  }
}

function isOAuthKeys(value: unknown): boolean {
  const { key, secret } = Object(value);
  return typeof key === "string" && (secret === undefined || typeof secret === "string");
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** Tornado's spelling of a setting is the likeliest mistake. */
function suggest(name: string, types: Types): string {
  const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return camel !== name && Object.hasOwn(types, camel) ? `: it is spelled "${camel}"` : "";
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

/**
 * Checks the options of something that is not a setting by itself, such as a middleware.
 *
 * @param what What one of them is called in the message, such as `"setting"`.
 * @throws {TypeError} If one is unknown or ill-typed; the message names it.
 */
export function checkOptions(
  values: object,
  types: Readonly<Record<string, SettingType>>,
  what: string,
): void {
  check(values, types, what);
}
