/** The settings of an application, and the check of them. */
import type { MultipartLimits } from "../http/multipart.ts";
import type { Platform } from "../platform/platform.ts";
import { type HandlerClass, isHandlerClass } from "./handler_traits.ts";
import type { Middleware } from "./middleware.ts";
import type { RequestHandler } from "./request_handler.ts";
import type { StaticFileHandlerClass, StaticFileOptions } from "./static/static_file_handler.ts";
import type { ServerOptions } from "../http/server_context.ts";

/**
 * What an application can be told. Every setting is optional.
 *
 * An unknown setting, or one of the wrong type, is a `TypeError` when the application is built. State
 * of your own goes into a subclass of `Application`.
 */
export interface ApplicationSettings extends ServerOptions {
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
  /** Is called once per request when the response is complete, in place of the access log. */
  logFunction?: (handler: RequestHandler) => void;
  /**
   * Show the stack of an exception on the error page. Default: as `debug`. Never in production: it
   * tells strangers about your code.
   */
  serveTraceback?: boolean;
  /** Where `@authenticated` sends those who are not logged in. Default none. */
  loginUrl?: string;
  /** Functions around every request, the first one outermost. Default none. */
  middleware?: readonly Middleware[];
  /** Arguments in one query or form; more is 400. Default 1,000. */
  maxArguments?: number;
  /** Parts in one multipart form; more is 400. Default 100. */
  maxMultipartParts?: number;
  /** Bytes of the header of one part of a multipart form; more is 400. Default 10 KiB. */
  maxMultipartHeaderBytes?: number;
  /**
   * The directory of the static files. Three routes come before all others: `staticUrlPrefix`,
   * `/favicon.ico` and `/robots.txt`. A relative path starts at the working directory. Default none.
   */
  staticPath?: string;
  /** What the URLs of static files begin with, from slash to slash. Default `"/static/"`. */
  staticUrlPrefix?: string;
  /** The handler of static files. Default `StaticFileHandler`. */
  staticHandlerClass?: StaticFileHandlerClass;
  /** What its `initialize` receives beside `path`; see `StaticFileOptions`. Default `{}`. */
  staticHandlerArgs?: Partial<StaticFileOptions>;
  /**
   * Remember static files and their versions until they change. Default `true`, but `false` with
   * `debug`: then every request reads them again.
   */
  staticHashCache?: boolean;
  /**
   * Bytes of memory for what is remembered of static files, and for the content of those up to
   * 64 KiB. 0 remembers nothing. Default 16 MiB.
   */
  staticCacheSize?: number;
  /** The runtime beneath, where it is not to be detected. */
  platform?: Platform;
}

/** What may stand in a setting: a test, and its name in an error. */
interface SettingType {
  readonly name: string;
  readonly test: (value: unknown) => boolean;
}

const BOOLEAN: SettingType = { name: "a boolean", test: (value) => typeof value === "boolean" };
const STRING: SettingType = { name: "a string", test: (value) => typeof value === "string" };
const OBJECT: SettingType = {
  name: "an object",
  test: (value) => typeof value === "object" && value !== null,
};
const FUNCTION: SettingType = { name: "a function", test: (value) => typeof value === "function" };
const HANDLER: SettingType = { name: "a handler class", test: isHandlerClass };
const STATIC_HANDLER: SettingType = {
  name: "a class of static files",
  test: (value) => isHandlerClass(value) && "makeStaticUrl" in value,
};
const URL_PREFIX: SettingType = {
  name: 'a path that begins and ends with "/"',
  test: (value) => typeof value === "string" && /^\/(?:[\w.~!$&'+,;=:@%-]+\/)*$/.test(value),
};
const SIZE: SettingType = {
  name: "a number from 0",
  test: (value) => typeof value === "number" && value >= 0,
};
const STRINGS: SettingType = {
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
  loginUrl: STRING,
  middleware: FUNCTIONS,
  maxArguments: SIZE,
  maxMultipartParts: SIZE,
  maxMultipartHeaderBytes: SIZE,
  staticPath: STRING,
  staticUrlPrefix: URL_PREFIX,
  staticHandlerClass: STATIC_HANDLER,
  staticHandlerArgs: OBJECT,
  staticHashCache: BOOLEAN,
  staticCacheSize: SIZE,
  platform: OBJECT,
};

/** @throws {TypeError} If a setting is unknown or ill-typed; the message names it. */
export function checkSettings(settings: ApplicationSettings): void {
  check(settings, TYPES, "setting");
}

/** @throws {TypeError} If an option of a server is ill-typed; the message names it. */
export function checkServerOptions(options: ServerOptions): void {
  check(options, SERVER_TYPES, "option");
}

function check(
  values: object,
  types: Readonly<Record<string, SettingType>>,
  what: string,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) throw new TypeError(`Unknown ${what} "${name}"${suggest(name, types)}`);
    if (!type.test(value)) {
      throw new TypeError(
        `Cannot use ${show(value)} as the ${what} "${name}": expected ${type.name}`,
      );
    }
  }
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** Tornado's spelling of a setting is the likeliest mistake. */
function suggest(name: string, types: Readonly<Record<string, SettingType>>): string {
  const camel = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return camel !== name && Object.hasOwn(types, camel) ? `: it is spelled "${camel}"` : "";
}

/** The limits of forms that were set; `null` if none was. */
export function formLimits(
  settings: ApplicationSettings,
): (MultipartLimits & { maxArguments?: number }) | null {
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
