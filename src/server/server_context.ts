/** What the requests of one server share: its limits, whom it trusts, and what it holds open. */
import { ApplicationLife } from "./application_life.ts";
import { TrustedProxies } from "./client_address.ts";
import { OpenWorkList } from "./open_work.ts";
import { within } from "../concurrent/waiting/within.ts";
import { logWarning } from "../log.ts";
import { detectPlatform, type Platform } from "../platform/platform.ts";
import { settingOf } from "../checks/setting_table.ts";
import { SERVER_SETTINGS, type ServerOptions } from "./settings.ts";

/** See the module's summary. */
export class ServerContext {
  /** The runtime beneath. */
  readonly platform: Platform;
  readonly xheaders: boolean | "forwarded";
  readonly protocol: "http" | "https" | undefined;
  readonly maxBodySize: number;
  /** Milliseconds that a body may take; `undefined` for as long as it takes. */
  readonly bodyTimeout: number | undefined;
  readonly decompressRequest: boolean;
  /** Milliseconds that a shutdown may take. */
  readonly graceMs: number;
  /** Whether errors that nobody caught are logged. */
  readonly logsUnhandled: boolean;
  /** The application's, for all of its servers. */
  readonly life: ApplicationLife;
  /** The proxies whose addresses are skipped. */
  readonly trusted: TrustedProxies;
  /**
   * The 101 of each request that became a WebSocket, where there is middleware that could put another
   * response in its place.
   */
  upgrades: WeakMap<Request, Response> | undefined;
  /** The server shuts down: what opens now has to end at once. */
  goingAway = false;
  /** What is open, for a graceful shutdown. */
  readonly openWork: OpenWorkList = new OpenWorkList();
  /** What handlers still do after their response: a server that stops waits for it. */
  readonly finishing: Set<Promise<unknown>> = new Set();
  /** The last `Host` that was found valid: nearly every request has the same one. */
  validHost: string | null = null;
  /** What the URLs with that `Host` begin with, up to the first slash of the path. */
  validOrigin: string | null = null;
  /** Somebody asks for request times, so the clock is read when a request arrives. */
  timed = false;

  /** @throws {TypeError} If an entry of `trustedDownstream` is not an address or a range. */
  constructor(
    options: ServerOptions,
    platform: Platform = detectPlatform(),
    life: ApplicationLife = new ApplicationLife(),
  ) {
    this.platform = platform;
    this.life = life;
    this.graceMs = settingOf(SERVER_SETTINGS, options, "graceMs");
    this.logsUnhandled = settingOf(SERVER_SETTINGS, options, "unhandledErrors") === "log";
    this.xheaders = settingOf(SERVER_SETTINGS, options, "xheaders");
    this.protocol = options.protocol;
    this.maxBodySize = settingOf(SERVER_SETTINGS, options, "maxBodySize");
    // The option's 0 stands for no limit.
    this.bodyTimeout = settingOf(SERVER_SETTINGS, options, "bodyTimeout") || undefined;
    this.decompressRequest = settingOf(SERVER_SETTINGS, options, "decompressRequest");
    this.trusted = new TrustedProxies(settingOf(SERVER_SETTINGS, options, "trustedDownstream"));
  }

  /**
   * Waits for what handlers still do after their response.
   *
   * @param ms Milliseconds that it may take. What has not settled then is given up, with a warning.
   * @returns Whether nothing was given up.
   */
  async finished(ms: number): Promise<boolean> {
    if (await within(Promise.all(this.finishing), ms)) return true;
    logWarning("Gave up an onFinish() that has not settled within the grace period");
    return false;
  }
}
