/** What stands in the place of `settings.ts` in the package, for Workers: WebSockets bring their limits along. */
import { bringing } from "../checks/brought_settings_on_workers.ts";
import { WEBSOCKET_ROWS as ROWS } from "./settings.ts";

export { CLIENT_LIMITS, WEBSOCKET_SETTINGS } from "./settings.ts";

/** See `settings.ts`. */
export const WEBSOCKET_ROWS: typeof ROWS = /* @__PURE__ */ bringing(ROWS, { types: ROWS });
