/** The settings of static files. */
import { BOOLEAN, OBJECT, type OptionType, SIZE, STRING } from "../../checks/option_check.ts";
import type { SettingTable } from "../../checks/setting_table.ts";
import type { StaticFileHandlerClass } from "./static_file_handler.ts";
import type { StaticFileOptions } from "./static_file_options.ts";

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
  "staticPath" | "staticHandlerClass" | "staticHashCache"
> = {
  staticPath: STRING,
  staticUrlPrefix: { ...URL_PREFIX, default: "/static/" },
  staticHandlerClass: STATIC_HANDLER,
  staticHandlerArgs: { ...OBJECT, default: {} },
  staticHashCache: BOOLEAN,
  staticCacheSize: { ...SIZE, default: 16 * 1024 * 1024 },
};
