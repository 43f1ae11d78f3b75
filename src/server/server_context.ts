/** What the requests of one server share: its limits, whom it trusts, and what it holds open. */
import { ApplicationLife } from "./application_life.ts";
import { TrustedProxies } from "./client_address.ts";
import { OpenWorkList } from "./open_work.ts";
import { detectPlatform, type Platform } from "../platform/platform.ts";

/** How a server reads requests. Settings of an application, or options of `listen`, which win. */
export interface ServerOptions {
  /**
   * Take the client's address and scheme from `X-Real-Ip`, `X-Forwarded-For`, `X-Scheme` and
   * `X-Forwarded-Proto`, where `X-Real-Ip` and `X-Scheme` go first. Only behind a proxy that sets
   * all four of them, or removes those it does not set: anyone can send these headers. Default
   * `false`. Addresses may have their port behind them.
   *
   * `"forwarded"` takes them from `Forwarded` (RFC 7239) and from no other: its last element counts
   * whose `for` is not a trusted proxy.
   */
  xheaders?: boolean | "forwarded";
  /**
   * Proxies to skip from the right of `X-Forwarded-For` or `Forwarded`: addresses or CIDR ranges.
   * Default none.
   */
  trustedDownstream?: readonly string[];
  /** The scheme of every request, where a proxy ends TLS and does not say so. */
  protocol?: "http" | "https";
  /** Bytes of a request body, decoded; larger is 413. Default 100 MiB. */
  maxBodySize?: number;
  /** Milliseconds that a body may take to arrive; slower is 408. Default 0: no limit. */
  bodyTimeout?: number;
  /** Decode request bodies sent with `Content-Encoding: gzip` or `deflate`. Default `false`. */
  decompressRequest?: boolean;
  /** Milliseconds that a graceful shutdown may take, unless it is told. Default 10,000. */
  graceMs?: number;
  /**
   * What becomes of an error that nobody caught: a rejection that nobody waited for, an exception in a
   * timer. `"log"`: it is logged with its stack, and the process lives, as with Tornado's loop, for as
   * long as the server listens. `"exit"` leaves it to the runtime, which ends the process with code 1.
   * An error of the main module itself ends it either way. Default `"log"`.
   */
  unhandledErrors?: "log" | "exit";
}

/** Default of `graceMs`. */
export const DEFAULT_GRACE: number = 10_000;

/** Default of `maxBodySize`: 100 MiB, as Tornado's. */
export const DEFAULT_MAX_BODY_SIZE: number = 100 * 1024 * 1024;

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
    this.graceMs = options.graceMs ?? DEFAULT_GRACE;
    this.logsUnhandled = options.unhandledErrors !== "exit";
    this.xheaders = options.xheaders ?? false;
    this.protocol = options.protocol;
    this.maxBodySize = options.maxBodySize ?? DEFAULT_MAX_BODY_SIZE;
    // The option's 0 stands for no limit.
    this.bodyTimeout = options.bodyTimeout || undefined;
    this.decompressRequest = options.decompressRequest ?? false;
    this.trusted = new TrustedProxies(options.trustedDownstream ?? []);
  }
}
