/** What the setting `staticPath` makes: the routes and the URLs of static files. */
import { checkOptions } from "../../checks/option_check.ts";
import { settingOf } from "../../checks/setting_table.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ApplicationSettings } from "../application_settings.ts";
import type { Route } from "../routing/routing.ts";
import { STATIC_SETTINGS } from "./settings.ts";
import type { StaticFileHandlerClass } from "./static_file_handler.ts";
import { STATIC_FILE_OPTIONS } from "./static_file_options.ts";
import { staticRoutes } from "./static_routes.ts";
import { staticUrl } from "./static_url.ts";

/**
 * The static files of one application. Their handler is loaded only where there are some, unless the
 * setting `staticHandlerClass` has brought one along.
 */
export class StaticKit {
  readonly #settings: Readonly<ApplicationSettings>;
  #handlerClass: StaticFileHandlerClass | undefined;

  /**
   * @param settings The settings of the application.
   * @throws {TypeError} If an argument for `StaticFileHandler` is unknown or ill-typed. Another class
   *   looks at its arguments itself.
   */
  constructor(settings: Readonly<ApplicationSettings>) {
    this.#settings = settings;
    const { staticHandlerClass, staticHandlerArgs = {} } = settings;
    this.#handlerClass = staticHandlerClass;
    if (staticHandlerClass !== undefined) return;
    checkOptions(staticHandlerArgs, STATIC_FILE_OPTIONS, 'argument in "staticHandlerArgs"');
  }

  /** The routes of the files; a promise if the handler is still to be loaded. */
  routes(): Route[] | Promise<Route[]> {
    return this.#handlerClass === undefined
      ? this.#load().then((handlerClass) => staticRoutes(this.#settings, handlerClass))
      : staticRoutes(this.#settings, this.#handlerClass);
  }

  async #load(): Promise<StaticFileHandlerClass> {
    const { StaticFileHandler } = await import("./static_file_handler.ts");
    return this.#handlerClass = StaticFileHandler;
  }

  /**
   * The URL of a file; see `Application.staticUrl`.
   *
   * @throws {Error} If its version is asked for before the handler is loaded.
   */
  url(path: string, options: { readonly includeVersion?: boolean }): string {
    if (this.#handlerClass !== undefined) {
      return this.#handlerClass.makeStaticUrl(this.#settings, path, options);
    }
    if (options.includeVersion === false) {
      return staticUrl(settingOf(STATIC_SETTINGS, this.#settings, "staticUrlPrefix"), path, null);
    }
    throw new Error(
      `Cannot tell the version of the static file ${JSON.stringify(path)}: the handler of static ` +
        "files is not loaded before the first request; ask for it in a handler, or give the setting " +
        '"staticHandlerClass" the class StaticFileHandler',
    );
  }

  /** Warns if the directory is not there. */
  async reportMissingRoot(platform: Platform): Promise<void> {
    const { staticPath } = this.#settings;
    if (staticPath === undefined) return;
    const { reportMissingRoot } = await import("./missing_root.ts");
    reportMissingRoot(staticPath, platform);
  }
}
