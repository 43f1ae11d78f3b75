/** What stands in the place of `mod.ts` in the package, for Workers: who names the namespace wants locales. */
import { withLocales } from "../../web/locale_choice_on_workers.ts";
import { get as find } from "./registry.ts";
export * from "./mod.ts";

/** See `mod.ts`. */
export const get: typeof find = /* @__PURE__ */ withLocales(find);
