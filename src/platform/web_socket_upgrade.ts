/** How a WebSocket is taken over. */
import type { Platform, Upgrade, UpgradeOptions } from "./platform.ts";

/** See `Platform.upgradeWebSocket`. */
export function takeOver(platform: Platform, request: Request, options: UpgradeOptions): Upgrade {
  return platform.upgradeWebSocket(request, options);
}
