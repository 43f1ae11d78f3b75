/**
 * What stands in the place of `web_socket_upgrade.ts` in the package, for Workers: it brings along what
 * takes a socket over, which other applications have no use for.
 */
import type { Platform, Upgrade, UpgradeOptions } from "./platform.ts";
import { upgradeWebSocket } from "./workers/workers_upgrade.ts";
import { upgradeWebSocket as nobodys } from "./workers/workers_upgrade_on_workers.ts";

/** See `web_socket_upgrade.ts`. Platforms of tests and of Durable Objects have a way of their own. */
export function takeOver(platform: Platform, request: Request, options: UpgradeOptions): Upgrade {
  return platform.upgradeWebSocket === nobodys
    ? upgradeWebSocket()
    : platform.upgradeWebSocket(request, options);
}
