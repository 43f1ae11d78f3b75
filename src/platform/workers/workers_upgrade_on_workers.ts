/** What stands in the place of `workers_upgrade.ts` in the package: handlers of WebSockets bring that along. */
import { UnsupportedFeatureError } from "../unsupported_feature_error.ts";

/** Is never called by handlers; see `web_socket_upgrade_on_workers.ts`. */
export function upgradeWebSocket(): never {
  throw new UnsupportedFeatureError("WebSockets by themselves", "WebSocketHandler");
}
