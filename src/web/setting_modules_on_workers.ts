/**
 * What stands in the place of `setting_modules.ts` in the package, for Workers, whose bundlers leave out
 * only what nothing names. Pages come along with a loader, and topics with a broker. What needs files,
 * `eval` or a terminal is not there: its settings tell the way out.
 */
import { UnsupportedFeatureError } from "../platform/unsupported_feature_error.ts";
import type { TopicSettings } from "../topics/settings.ts";
import type { TopicHub } from "../topics/topic_hub.ts";
import type { ApplicationSettings } from "./application_settings.ts";
import type { PageKit } from "./pages/page_kit.ts";

const BUILD = "@gustnado/gustnado/build, which makes a bundle with it";

/** See `setting_modules.ts`. */
export function pageKit(settings: Readonly<ApplicationSettings>): Promise<PageKit> {
  const { templateLoader, templatePath } = settings;
  if (templateLoader?.pageKit !== undefined) return templateLoader.pageKit(settings);
  return missing(
    templatePath === undefined
      ? 'pages without the setting "templateLoader"'
      : 'the setting "templatePath"',
    `the setting "templateLoader" with a PrecompiledLoader, or ${BUILD}`,
  );
}

/** See `setting_modules.ts`. */
export function topicHub({ broker }: TopicSettings): Promise<typeof TopicHub> {
  if (broker?.topicHub !== undefined) return broker.topicHub();
  return missing(
    'the setting "topics" without "broker"',
    "durableObjectBroker() of @gustnado/gustnado/workers, new MemoryBroker(), or " + BUILD,
  );
}

/** See `setting_modules.ts`. */
export function staticFileHandler(): never {
  return missing(
    'the setting "staticPath"',
    `AssetHandler of @gustnado/gustnado/workers as the target of a route, or ${BUILD}`,
  );
}

/** See `setting_modules.ts`. */
export function development(): never {
  return missing('the setting "debug"', `Deno, Node or Bun to develop, or ${BUILD}`);
}

/** See `setting_modules.ts`. No server listens there. */
export async function warnIfMissing(): Promise<void> {}

/** See `setting_modules.ts`. No server listens there. */
export async function announce(): Promise<void> {}

function missing(feature: string, wayOut: string): never {
  throw new UnsupportedFeatureError(feature, wayOut);
}
