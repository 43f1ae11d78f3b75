/** What stands in the place of `settings.ts` in the package, for Workers: static files bring their settings along. */
import { bringing } from "../../checks/brought_settings_on_workers.ts";
import { STATIC_SETTINGS as SETTINGS } from "./settings.ts";

export { STATIC_FILE_OPTIONS } from "./settings.ts";

/** See `settings.ts`. */
export const STATIC_SETTINGS: typeof SETTINGS = /* @__PURE__ */ bringing(SETTINGS, {
  types: SETTINGS,
});
