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

/** See `setting_modules.ts`; a loader has it loaded. */
export function loadPageKit(settings: Readonly<ApplicationSettings>): PageKit {
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

/** See `setting_modules.ts`; a broker has them loaded. */
export function loadTopicHub(settings: TopicSettings): TopicHub {
  const { broker } = settings;
  if (bringsTopics(broker)) return broker.topicHub(settings);
  return missing(
    broker === undefined
      ? 'the setting "topics" without "broker"'
      : `the broker "${broker.name}", which does not extend MemoryBroker`,
    "durableObjectBroker() of @gustnado/gustnado/workers, new MemoryBroker(), or " + BUILD,
  );
}

/**
 * See `setting_modules.ts`.
 *
 * @param feature What was asked for.
 */
export function loadStaticFileHandler(feature?: string): never {
  return missing(
    `${feature} without a "staticHandlerClass" that extends StaticFileHandler`,
    `AssetHandler of @gustnado/gustnado/workers as the target of a route, or ${BUILD}`,
  );
}

/** See `setting_modules.ts`. */
export function listeningPlace(): never {
  return missing("a listening server", "`export default app`, and Workers call it");
}

/** Warns of settings that do nothing: what is developed elsewhere runs here as it is. */
export function warnOfIdleSettings(settings: Readonly<ApplicationSettings>): void {
  const { debug, xheaders, trustedDownstream } = settings;
  if (debug) warnOf("debug", `develop on Deno, Node or Bun, or use ${BUILD}`);
  if (!xheaders && trustedDownstream === undefined) return;
  warnOf(
    xheaders ? "xheaders" : "trustedDownstream",
    `clients have the addresses that the platform tells; behind a proxy of your own, use ${BUILD}`,
  );
}

function warnOf(name: string, wayOut: string): void {
  logWarning(`The setting "${name}" does nothing in this runtime: ${wayOut}`);
}

/** See `setting_modules.ts`. No server listens there. */
export async function announce(): Promise<void> {}

/** A loader: see `base_loader_on_workers.ts`. */
function bringsPages(loader: object | undefined): loader is { pageKit: typeof loadPageKit } {
  return "pageKit" in Object(loader);
}

/** A broker of the library. */
function bringsTopics(
  broker: object | undefined,
): broker is { topicHub(settings: TopicSettings): TopicHub } {
  return "topicHub" in Object(broker);
}

function missing(feature: string, wayOut: string): never {
  throw new UnsupportedFeatureError(feature, wayOut);
}
