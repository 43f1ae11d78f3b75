/** What the setting `staticPath` makes: the routes and the URLs of static files. */
import { checkOptions, settingOf } from "../../checks/option_check.ts";
import type { ApplicationSettings } from "../application_settings.ts";
import type { Route } from "../routing/routing.ts";
import { STATIC_FILE_OPTIONS, STATIC_SETTINGS } from "./settings.ts";
import type { StaticFileHandlerClass } from "./static_file_handler.ts";
import type { HTTPServerRequest } from "../request/http_server_request.ts";
import type { Matcher } from "../routing/matchers.ts";
import type { PathGroups } from "../routing/path_pattern.ts";
import { loadStaticFileHandler } from "../setting_modules.ts";
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

  // Not async: where it is missing, the application cannot be made.
  #load(): Promise<StaticFileHandlerClass> {
    return loadStaticFileHandler().then((handlerClass) => this.#handlerClass = handlerClass);
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
}

/** Files that clients ask for at the top, wherever the others are. */
const TOP_FILES = ["favicon.ico", "robots.txt"] as const;

/** The routes of the static files: none without `staticPath`. They stand before all others. */
export function staticRoutes(
  settings: Readonly<ApplicationSettings>,
  handlerClass: StaticFileHandlerClass,
): Route[] {
  const { staticPath, staticHandlerArgs } = settings;
  if (staticPath === undefined) return [];
  const staticUrlPrefix = settingOf(STATIC_SETTINGS, settings, "staticUrlPrefix");
  const args = { ...staticHandlerArgs, path: staticPath };
  const pattern = `${staticUrlPrefix.replaceAll(":", "\\:")}(.*)`;
  return [
    [pattern, handlerClass, args],
    ...TOP_FILES.map((name): Route => [new TopFile(name), handlerClass, args]),
  ];
}

/** Matches one path, and takes the name in it: a group would make it be tried for every path. */
class TopFile implements Matcher {
  readonly prefix: string;
  readonly literal = true;
  readonly #groups: PathGroups;

  constructor(name: string) {
    this.prefix = `/${name}`;
    this.#groups = { args: [name], kwargs: null };
  }

  match(request: HTTPServerRequest): PathGroups | null {
    return request.path === this.prefix ? this.#groups : null;
  }

  toString(): string {
    return this.prefix;
  }
}
