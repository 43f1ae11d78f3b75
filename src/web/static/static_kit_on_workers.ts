/** What stands in the place of `static_kit.ts` in the package, for Workers: a handler class brings the rest. */
import type { ApplicationSettings } from "../application_settings.ts";
import type { Route } from "../routing/routing.ts";
import { loadStaticFileHandler } from "../setting_modules_on_workers.ts";
import type { StaticFileHandlerClass } from "./static_file_handler.ts";

/** See `static_kit.ts`. */
export class StaticKit {
  readonly #settings: Readonly<ApplicationSettings>;

  /** @param settings The settings of the application. */
  constructor(settings: Readonly<ApplicationSettings>) {
    this.#settings = settings;
  }

  /** @throws {UnsupportedFeatureError} If no class has brought them along. */
  routes(): Route[] {
    return this.#handlerClass('the setting "staticPath"').staticRoutes(this.#settings);
  }

  /** @throws {UnsupportedFeatureError} If no class tells it. */
  url(path: string, options: { readonly includeVersion?: boolean }): string {
    return this.#handlerClass("staticUrl()").makeStaticUrl(this.#settings, path, options);
  }

  #handlerClass(feature: string): RoutingClass {
    const { staticHandlerClass } = this.#settings;
    if (bringsRoutes(staticHandlerClass)) return staticHandlerClass;
    return loadStaticFileHandler(feature);
  }
}

/** See `static_file_handler_on_workers.ts`. */
type RoutingClass = StaticFileHandlerClass & {
  staticRoutes(settings: Readonly<ApplicationSettings>): Route[];
};

function bringsRoutes(handlerClass: object | undefined): handlerClass is RoutingClass {
  return handlerClass !== undefined && "staticRoutes" in handlerClass;
}
