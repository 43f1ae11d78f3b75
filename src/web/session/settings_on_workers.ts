/** What stands in the place of `settings.ts` in the package, for Workers: sessions bring their setting along. */
import { bringing } from "../../checks/brought_settings_on_workers.ts";
import { SESSION_SETTINGS, sessionPolicy as policyOf } from "./settings.ts";

export { SESSION_SETTINGS } from "./settings.ts";

/** See `settings.ts`. */
export const sessionPolicy: typeof policyOf = /* @__PURE__ */ bringing(policyOf, {
  types: SESSION_SETTINGS,
});
