/** The settings of static files, and the arguments of their routes. */
import {
  BOOLEAN,
  FUNCTION,
  OBJECT,
  type OptionType,
  type SettingTable,
  SIZE,
  STRING,
} from "../../checks/option_check.ts";
import type { MediaTypes } from "./media_type.ts";
import type { StaticFileHandlerClass } from "./static_file_handler.ts";

/**
 * What an application can be told of its static files.
 *
 * @category Static files
 */
export interface StaticSettings {
  /**
   * The directory of the static files. Three routes come before all others: `staticUrlPrefix`,
   * `/favicon.ico` and `/robots.txt`. A relative path starts at the working directory. The first
   * request waits until the handler of files is loaded, unless `staticHandlerClass` gives one. Default
   * none.
   */
  staticPath?: string;
  /** What the URLs of static files begin with, from slash to slash. Default `"/static/"`. */
  staticUrlPrefix?: string;
  /** The handler of static files. Default `StaticFileHandler`. */
  staticHandlerClass?: StaticFileHandlerClass;
  /** What its `initialize` receives beside `path`; see `StaticFileOptions`. Default `{}`. */
  staticHandlerArgs?: Partial<StaticFileOptions> & Readonly<Record<string, unknown>>;
  /**
   * Tells the media types of extensions, before the table of about a hundred that comes along; such as
   * `contentType` of `@std/media-types`, which knows all of them. Default none.
   */
  mediaTypes?: MediaTypes;
  /**
   * Remember static files and their versions until they change, which is noticed within 100 ms.
   * Default `true`, but `false` with `debug`: then every request reads them again.
   */
  staticHashCache?: boolean;
  /**
   * Bytes of memory for what is remembered of static files, and for the content of those up to
   * 64 KiB. 0 remembers nothing. Default 16 MiB.
   */
  staticCacheSize?: number;
}

const URL_PREFIX: OptionType = {
  name: 'a path that begins and ends with "/"',
  test: (value) => typeof value === "string" && /^\/(?:[\w.~!$&'+,;=:@%-]+\/)*$/.test(value),
};
/** By what it has: a check of settings imports no handlers. */
const STATIC_HANDLER: OptionType = {
  name: "a class of static files",
  test: (value) =>
    typeof value === "function" && "supportedMethods" in value && "makeStaticUrl" in value,
};

/** The checks and defaults of {@linkcode StaticSettings}. */
export const STATIC_SETTINGS: SettingTable<
  StaticSettings,
  "staticPath" | "staticHandlerClass" | "mediaTypes" | "staticHashCache"
> = {
  staticPath: STRING,
  staticUrlPrefix: { ...URL_PREFIX, default: "/static/" },
  staticHandlerClass: STATIC_HANDLER,
  staticHandlerArgs: { ...OBJECT, default: {} },
  mediaTypes: FUNCTION,
  staticHashCache: BOOLEAN,
  staticCacheSize: { ...SIZE, default: 16 * 1024 * 1024 },
};

/**
 * What a route hands to a {@linkcode StaticFileHandler}.
 *
 * @category Static files
 */
export interface StaticFileOptions {
  /** The directory to serve. A relative one starts at the working directory. */
  readonly path: string;
  /** The file that stands for a directory, such as `"index.html"`. Default none: directories are 403. */
  readonly defaultFilename?: string;
  /**
   * Serve files and directories whose names begin with a dot. Default `false`: they hold passwords
   * and repositories more often than pages. `.well-known` at the top is always served (RFC 8615).
   */
  readonly dotFiles?: boolean;
  /**
   * Follow symbolic links that lead out of the directory. Default `false`: whoever can make a link in
   * it could otherwise read every file that the process can.
   */
  readonly followSymlinks?: boolean;
  /**
   * Send `app.js.br`, `app.js.zst` or `app.js.gz` in place of `app.js` to clients that accept it, if
   * it is not older. Default `true`. Turn it off for a directory that strangers upload files to.
   */
  readonly precompressed?: boolean;
  /**
   * The file that stands for every page that there is no file of, such as `"index.html"` of an
   * application that does its routing in the browser. Only navigations get it: GET and HEAD that name
   * `text/html` in `Accept`, for a path without a dot in its last segment. Anything else that is
   * missing is a 404 as ever. Default none.
   */
  readonly singlePageFallback?: string;
}

/** Types for `checkOptions`. */
export const STATIC_FILE_OPTIONS: Readonly<Record<keyof StaticFileOptions, OptionType>> = {
  path: STRING,
  defaultFilename: STRING,
  dotFiles: BOOLEAN,
  followSymlinks: BOOLEAN,
  precompressed: BOOLEAN,
  singlePageFallback: STRING,
};
