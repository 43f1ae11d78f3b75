/**
 * What some settings bring along, imported when they ask for it. In the package, Workers have
 * `setting_modules_on_workers.ts` in the place of this module: what needs files, `eval` or a terminal.
 */
import type { ListenAddress, Platform } from "../platform/platform.ts";
import type { TopicSettings } from "../topics/settings.ts";
import type { TopicHub } from "../topics/topic_hub.ts";
import type { ApplicationSettings } from "./application_settings.ts";
import type { Development } from "./development/development.ts";
import type { LoaderClass, PageKit } from "./pages/page_kit.ts";
import type { StaticFileHandler } from "./static/static_file_handler.ts";

/** What the setting `staticPath` needs. */
export async function loadStaticFileHandler(): Promise<typeof StaticFileHandler> {
  return (await import("./static/static_file_handler.ts")).StaticFileHandler;
}

/** What the settings `topics` and `broker` need. */
export async function loadTopicHub(_settings: TopicSettings): Promise<typeof TopicHub> {
  return (await import("../topics/topic_hub.ts")).TopicHub;
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
