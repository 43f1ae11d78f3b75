/** What the requests of one server share: its limits, whom it trusts, and what it holds open. */
import { TrustedProxies } from "./client_address.ts";
import { OpenConnections } from "./open_connections.ts";
import { detectPlatform, type Platform } from "../platform/platform.ts";

/** How a server reads requests. Settings of an application, or options of `listen`, which win. */
export interface ServerOptions {
  /**
   * Take the client's address and scheme from `X-Real-Ip`, `X-Forwarded-For`, `X-Scheme` and
   * `X-Forwarded-Proto`, where `X-Real-Ip` and `X-Scheme` go first. Only behind a proxy that sets
   * all four of them, or removes those it does not set: anyone can send these headers. Default
   * `false`.
   */
  xheaders?: boolean;
  /** Proxies to skip from the right of `X-Forwarded-For`: addresses or CIDR ranges. Default none. */
  trustedDownstream?: readonly string[];
  /** The scheme of every request, where a proxy ends TLS and does not say so. */
  protocol?: "http" | "https";
  /** Bytes of a request body, decoded; larger is 413. Default 100 MiB. */
  maxBodySize?: number;
  /** Milliseconds that a body may take to arrive; slower is 408. Default 0: no limit. */
  bodyTimeout?: number;
  /** Decode request bodies sent with `Content-Encoding: gzip` or `deflate`. Default `false`. */
  decompressRequest?: boolean;
}

/** Default of `maxBodySize`: 100 MiB, as Tornado's. */
export const DEFAULT_MAX_BODY_SIZE: number = 100 * 1024 * 1024;

/** See the module's summary. */
export class ServerContext {
  /** The runtime beneath. */
  readonly platform: Platform;
  readonly xheaders: boolean;
  readonly protocol: "http" | "https" | undefined;
  readonly maxBodySize: number;
  /** Milliseconds that a body may take; `undefined` for as long as it takes. */
  readonly bodyTimeout: number | undefined;
  readonly decompressRequest: boolean;
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
  readonly connections: OpenConnections = new OpenConnections();
  /** What handlers still do after their response: a server that stops waits for it. */
  readonly finishing: Set<Promise<unknown>> = new Set();
  /** The last `Host` that was found valid: nearly every request has the same one. */
  validHost: string | null = null;
  /** What the URLs with that `Host` begin with, up to the first slash of the path. */
  validOrigin: string | null = null;
  /** Somebody asks for request times, so the clock is read when a request arrives. */
  timed = false;

  /** @throws {TypeError} If an entry of `trustedDownstream` is not an address or a range. */
  constructor(options: ServerOptions, platform: Platform = detectPlatform()) {
    this.platform = platform;
    this.xheaders = options.xheaders ?? false;
    this.protocol = options.protocol;
    this.maxBodySize = options.maxBodySize ?? DEFAULT_MAX_BODY_SIZE;
    // The option's 0 stands for no limit.
    this.bodyTimeout = options.bodyTimeout || undefined;
    this.decompressRequest = options.decompressRequest ?? false;
    this.trusted = new TrustedProxies(options.trustedDownstream ?? []);
  }
}
