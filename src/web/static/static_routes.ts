/** The routes that the setting `staticPath` adds. */
import { settingOf } from "../../checks/setting_table.ts";
import type { ApplicationSettings } from "../application_settings.ts";
import type { HTTPServerRequest } from "../request/http_server_request.ts";
import type { Matcher } from "../routing/matchers.ts";
import type { PathGroups } from "../routing/path_pattern.ts";
import type { Route } from "../routing/routing.ts";
import type { StaticFileHandlerClass } from "./static_file_handler.ts";
import { STATIC_SETTINGS } from "./settings.ts";

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
}
