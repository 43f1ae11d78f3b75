/** What stands in the place of `settings.ts` in the package, for Workers: topics bring their settings along. */
import { bringing } from "../checks/brought_settings_on_workers.ts";
import { checkTopicSettings, TOPIC_DEFAULTS as DEFAULTS, TOPIC_SETTINGS } from "./settings.ts";

export { checkTopicSettings, TOPIC_SETTINGS } from "./settings.ts";

/** See `settings.ts`. */
export const TOPIC_DEFAULTS: typeof DEFAULTS = /* @__PURE__ */ bringing(DEFAULTS, {
  types: TOPIC_SETTINGS,
  check: checkTopicSettings,
});
