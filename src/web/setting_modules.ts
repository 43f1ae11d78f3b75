/**
 * What some settings bring along, imported when they ask for it. In the package, Workers have
 * `setting_modules_on_workers.ts` in the place of this module: what needs files, `eval` or a terminal.
 */
import { logWarning } from "../log.ts";
import { engineOf, type ListenAddress, type Platform } from "../platform/platform.ts";
import { ListeningServer } from "../server/listening_server.ts";
import { ServerContext } from "../server/server_context.ts";
import type { ListenOptions } from "../server/settings.ts";
import type { TopicSettings } from "../topics/settings.ts";
import type { TopicHub } from "../topics/topic_hub.ts";
import { type ApplicationSettings, checkListenOptions } from "./application_settings.ts";
import type { Development } from "./development/development.ts";
import type { LoaderClass, PageKit } from "./pages/page_kit.ts";
import { type CookieSecret, shortestSecret } from "./signed/cookie_secret.ts";
import type { StaticFileHandler } from "./static/static_file_handler.ts";

/** What the setting `staticPath` needs. */
export async function loadStaticFileHandler(): Promise<typeof StaticFileHandler> {
  return (await import("./static/static_file_handler.ts")).StaticFileHandler;
}

/** What the settings `topics` and `broker` need. */
export async function loadTopicHub(settings: TopicSettings): Promise<TopicHub> {
  const { TopicHub } = await import("../topics/topic_hub.ts");
  return new TopicHub(settings);
}

/** What pages need: with the setting `templatePath` the template compiler, too. */
export async function loadPageKit(settings: Readonly<ApplicationSettings>): Promise<PageKit> {
  const { PageKit } = await import("./pages/page_kit.ts");
  const { templatePath, templateLoader } = settings;
  const needsLoader = templatePath !== undefined && templateLoader === undefined;
  return new PageKit(settings, needsLoader ? await folderLoader() : undefined);
}

async function folderLoader(): Promise<LoaderClass | undefined> {
  try {
    return (await import("../template/loaders/loader.ts")).Loader;
  } catch {
    // Where the bundle left it out, `PageKit.createLoader` says so to whom it concerns.
    return undefined;
  }
}

/** Warns if the folder of the setting `staticPath` is not there. */
export async function warnIfMissing(root: string, platform: Platform): Promise<void> {
  const { reportMissingRoot } = await import("./static/missing_root.ts");
  reportMissingRoot(root, platform);
}

/** What the setting `debug` needs; `undefined` where it does nothing. */
export async function loadDevelopment(): Promise<typeof Development | undefined> {
  return (await import("./development/development.ts")).Development;
}

/** Tells who runs the application in development where a server listens, with the setting `debug`. */
export async function announce(addr: ListenAddress): Promise<void> {
  const { announceInDevelopment } = await import("../platform/development_link.ts");
  announceInDevelopment(addr);
}

// ---- what `listen` needs

/** Where an application is served. */
export interface ServingPlace {
  /** What takes the connections. */
  readonly platform: Platform;
  /** The class of the server, which Workers have for tests alone. */
  readonly Server: typeof ListeningServer;
  /** The class of what its requests share, which is less on Workers where nothing listens. */
  readonly Context: typeof ServerContext;
}

/** An application that is to listen. */
interface ListeningApplication {
  readonly platform: Platform;
  readonly settings: Readonly<ApplicationSettings>;
}

/**
 * Looks at what `listen` is given, and warns of settings that would show too late.
 *
 * @throws {TypeError} If an option is unknown or ill-typed.
 * @throws {RangeError} If there is no such port.
 * @throws {UnsupportedFeatureError} If the runtime does not have the engine.
 */
export function listeningPlace(
  { platform, settings }: ListeningApplication,
  port: number,
  options: ListenOptions,
): ServingPlace {
  checkListenOptions(port, options);
  warnOfShortSecret(settings.cookieSecret);
  if (settings.staticPath !== undefined) void warnIfMissing(settings.staticPath, platform);
  const engine = engineOf(platform, options.engine);
  return { platform: engine, Server: ListeningServer, Context: ServerContext };
}

/** Fewer bytes can be guessed; 32 random ones are what the documentation asks for. */
const SHORTEST_SECRET = 16;

function warnOfShortSecret(secret: CookieSecret | undefined): void {
  const shortest = shortestSecret(secret);
  if (shortest >= SHORTEST_SECRET) return;
  logWarning(
    `The setting "cookieSecret" can be guessed, it has a length of ${shortest}: who does can log in as ` +
      "anyone; set at least 32 random bytes, such as the output of `openssl rand -base64 32`",
  );
}
