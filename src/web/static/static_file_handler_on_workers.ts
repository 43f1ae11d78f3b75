/** What stands in the place of `static_file_handler.ts` in the package, for Workers. */
import type { ApplicationSettings } from "../application_settings.ts";
import type { Route } from "../routing/routing.ts";
import {
  StaticFileHandler as Handler,
  type StaticFileHandlerClass,
} from "./static_file_handler.ts";
import { staticRoutes } from "./static_kit.ts";

/** See `static_file_handler.ts`; it brings along the routes of the setting `staticPath`. */
export const StaticFileHandler: typeof Handler = /* @__PURE__ */ withRoutes(Handler);

function withRoutes(handlerClass: typeof Handler): typeof Handler {
  return Object.assign(handlerClass, {
    staticRoutes(this: StaticFileHandlerClass, settings: Readonly<ApplicationSettings>): Route[] {
      return staticRoutes(settings, this);
    },
  });
}
