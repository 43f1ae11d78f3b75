/**
 * What stands in the place of `setting_modules.ts` in the package, for Workers, whose bundlers leave out
 * only what nothing names. Pages come along with a loader, and topics with a broker. What needs files,
 * `eval` or a terminal is not there: its settings tell the way out.
 */
import { logWarning } from "../log.ts";
import { UnsupportedFeatureError } from "../platform/unsupported_feature_error.ts";
import type { TopicSettings } from "../topics/settings.ts";
import type { TopicHub } from "../topics/topic_hub.ts";
import type { ApplicationSettings } from "./application_settings.ts";
import type { PageKit } from "./pages/page_kit.ts";

const BUILD = "@gustnado/gustnado/build, which makes a bundle with it";

/** See `setting_modules.ts`. */
export function loadPageKit(settings: Readonly<ApplicationSettings>): Promise<PageKit> {
  const { templateLoader, templatePath } = settings;
  if (bringsPages(templateLoader)) return templateLoader.pageKit(settings);
  return missing(
    templateLoader !== undefined
      ? 'a "templateLoader" that does not extend BaseLoader'
      : templatePath !== undefined
      ? 'the setting "templatePath"'
      : 'pages without the setting "templateLoader"',
    `the setting "templateLoader" with a PrecompiledLoader, or ${BUILD}`,
  );
}

/** See `setting_modules.ts`. */
export function loadTopicHub({ broker }: TopicSettings): Promise<typeof TopicHub> {
  if (bringsTopics(broker)) return broker.topicHub();
  return missing(
    broker === undefined
      ? 'the setting "topics" without "broker"'
      : `the broker "${broker.name}", which does not extend MemoryBroker`,
    "durableObjectBroker() of @gustnado/gustnado/workers, new MemoryBroker(), or " + BUILD,
  );
}

/** See `setting_modules.ts`. */
export function loadStaticFileHandler(): never {
  return missing(
    'the setting "staticPath"',
    `AssetHandler of @gustnado/gustnado/workers as the target of a route, or ${BUILD}`,
  );
}

/** See `setting_modules.ts`. What is developed elsewhere runs here as it is. */
export function loadDevelopment(): Promise<undefined> {
  logWarning(
    `The setting "debug" does nothing in this runtime: develop on Deno, Node or Bun, or use ${BUILD}`,
  );
  return Promise.resolve(undefined);
}

/** See `setting_modules.ts`. No server listens there. */
export async function warnIfMissing(): Promise<void> {}

/** See `setting_modules.ts`. No server listens there. */
export async function announce(): Promise<void> {}

/** A loader: see `base_loader_on_workers.ts`. */
function bringsPages(loader: object | undefined): loader is { pageKit: typeof loadPageKit } {
  return loader !== undefined && "pageKit" in loader;
}

/** A broker of the library. */
function bringsTopics(
  broker: object | undefined,
): broker is { topicHub(): Promise<typeof TopicHub> } {
  return broker !== undefined && "topicHub" in broker;
}

function missing(feature: string, wayOut: string): never {
  throw new UnsupportedFeatureError(feature, wayOut);
}
