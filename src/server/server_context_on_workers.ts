/** What stands in the place of `server_context.ts` in the package, for Workers: no server ever ends. */
import { settingOf } from "../checks/option_check.ts";
import type { Platform } from "../platform/platform.ts";
import { MAX_MESSAGE_SIZE, type WebSocketSettings } from "../websocket/settings.ts";
import type { ApplicationLife } from "./application_life.ts";
import type { OpenWork } from "./open_work.ts";
import type { OpenWorkList } from "./server_context.ts";
import { REQUEST_SETTINGS, type ServerOptions } from "./settings.ts";

export { finishWork, keepIfPromise, keepUntilDone } from "./server_context.ts";

/** See `server_context.ts`. What proxies say is left alone: the platform tells who the client is. */
export class ServerContext {
  readonly platform: Platform;
  readonly life: ApplicationLife;
  readonly xheaders = false;
  readonly protocol: "http" | "https" | undefined;
  readonly maxBodySize: number;
  readonly bodyTimeout: number | undefined;
  readonly decompressRequest: boolean;
  readonly maxMessageSize: number;
  readonly openWork: Unlisted = new Unlisted();
  readonly finishing: Set<Promise<unknown>> = new Set();
  upgrades: WeakMap<Request, Response> | undefined;
  validHost: string | null = null;
  validOrigin: string | null = null;
  timed = false;

  /** See `server_context.ts`. */
  constructor(
    settings: ServerOptions & Pick<WebSocketSettings, "websocketMaxMessageSize">,
    platform: Platform,
    life: ApplicationLife,
  ) {
    this.platform = platform;
    this.life = life;
    this.protocol = settings.protocol;
    this.maxBodySize = settingOf(REQUEST_SETTINGS, settings, "maxBodySize");
    this.bodyTimeout = settingOf(REQUEST_SETTINGS, settings, "bodyTimeout") || undefined;
    this.decompressRequest = settingOf(REQUEST_SETTINGS, settings, "decompressRequest");
    this.maxMessageSize = settings.websocketMaxMessageSize ?? MAX_MESSAGE_SIZE;
  }
}

/** Nobody asks what is open: each knows of itself whether it is. */
class Unlisted implements Pick<OpenWorkList, "size" | "add" | "delete"> {
  readonly size = 0;

  add(work: OpenWork): void {
    work.openIn = this as unknown as OpenWorkList;
  }

  delete(work: OpenWork): void {
    work.openIn = undefined;
  }
}
