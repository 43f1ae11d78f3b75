/** What stands in the place of `oauth2_mixin.ts` in the package, for Workers: log-ins bring their settings along. */
import { bringing } from "../../checks/brought_settings_on_workers.ts";
import { AUTH_SETTINGS } from "../settings.ts";
import { OAuth2Mixin as Mixin } from "./oauth2_mixin.ts";

/** See `oauth2_mixin.ts`. */
export const OAuth2Mixin: typeof Mixin = /* @__PURE__ */ bringing(Mixin, { types: AUTH_SETTINGS });
