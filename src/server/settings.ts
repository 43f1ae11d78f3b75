/** The settings of servers: those that an application has for all of its own, and those of one. */
import {
  BOOLEAN,
  FUNCTION,
  oneOf,
  type OptionType,
  type SettingTable,
  SIGNAL,
  SIZE,
  STRING,
  STRINGS,
} from "../checks/option_check.ts";
import type { ListenAddress } from "../platform/platform.ts";

/**
 * How a server reads requests. Settings of an application, or options of `listen`, which win.
 *
 * @category Servers and runtimes
 */
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
   * Milliseconds of `graceMs` for which a server that shuts down still answers, each response with
   * `Connection: close`, before it closes its port. A Unix socket takes no new connections from the
   * start, and so a proxy loses no request to one that is closed while it sends. Default 0. WebSockets
   * and event streams end after it. A server of `deno serve` stops at once.
   */
  drainMs?: number;
  /**
   * What becomes of an error that nobody caught: a rejection that nobody waited for, an exception in a
   * timer. `"log"`: it is logged with its stack, and the process lives, as with Tornado's loop, for as
   * long as the server listens. `"exit"` leaves it to the runtime, which ends the process with code 1.
   * An error of the main module itself ends it either way. Default `"log"`.
   */
  unhandledErrors?: "log" | "exit";
}

/**
 * Options of `Application.listen`.
 *
 * @category Servers and runtimes
 */
export interface ListenOptions extends ServerOptions {
  /** The address to bind. Default `"0.0.0.0"`. */
  hostname?: string;
  /** The path of a Unix socket, in place of the port. */
  path?: string;
  /** The certificate chain in PEM form; with `key`, serves HTTPS and HTTP/2. */
  cert?: string;
  /** The private key in PEM form. */
  key?: string;
  /**
   * What serves: `"native"` is the runtime's own; `"node"` is `node:http` with the package `ws`, which
   * on Deno gives WebSockets compression, pings with data and less memory, for more work per request and
   * HTTP/1.1 only. On Node both are the same. Default `"native"`. See docs/engines.md.
   */
  engine?: "native" | "node";
  /** Shuts the server down gracefully when it is aborted. */
  signal?: AbortSignal;
  /**
   * Whether `SIGTERM` and `SIGINT` end the process gracefully: every server shuts down, the callbacks
   * of `Application.onShutdown` run, and then the process ends, whatever else keeps it alive, at the
   * latest a second after `graceMs`. The exit code is 0, or 1 if something had to be cut. A second
   * signal ends it at once. Default `true`.
   */
  handleSignals?: boolean;
  /**
   * Is called when the server accepts requests: at once, or when `Application.onStart` is done. Default:
   * logs the URLs, `Listening on http://localhost:8888/`.
   */
  onListen?: (addr: ListenAddress) => void;
}

const XHEADERS: OptionType = {
  name: 'a boolean or "forwarded"',
  test: (value) => BOOLEAN.test(value) || value === "forwarded",
};

/** The settings of how requests are read, which hold where no server listens, too. */
type RequestOptions = Pick<
  ServerOptions,
  "protocol" | "maxBodySize" | "bodyTimeout" | "decompressRequest"
>;

/** The checks and defaults of those. */
export const REQUEST_SETTINGS: SettingTable<RequestOptions, "protocol"> = {
  protocol: oneOf("http", "https"),
  maxBodySize: { ...SIZE, default: 100 * 1024 * 1024 },
  bodyTimeout: { ...SIZE, default: 0 },
  decompressRequest: { ...BOOLEAN, default: false },
};

/** The checks and defaults of {@linkcode ServerOptions}. */
export const SERVER_SETTINGS: SettingTable<ServerOptions, "protocol"> = {
  ...REQUEST_SETTINGS,
  xheaders: { ...XHEADERS, default: false },
  trustedDownstream: { ...STRINGS, default: [] },
  graceMs: { ...SIZE, default: 10_000 },
  drainMs: { ...SIZE, default: 0 },
  unhandledErrors: { ...oneOf("log", "exit"), default: "log" },
};

/** The checks and defaults of {@linkcode ListenOptions}; the runtime knows that of `hostname`. */
export const LISTEN_OPTIONS: SettingTable<
  ListenOptions,
  "protocol" | "hostname" | "path" | "cert" | "key" | "signal" | "onListen"
> = {
  ...SERVER_SETTINGS,
  hostname: STRING,
  path: STRING,
  cert: STRING,
  key: STRING,
  engine: { ...oneOf("native", "node"), default: "native" },
  signal: SIGNAL,
  handleSignals: { ...BOOLEAN, default: true },
  onListen: FUNCTION,
};
