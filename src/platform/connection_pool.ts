/** Outgoing HTTP connections, as far as a runtime lets them be chosen. */
import { UnsupportedFeatureError } from "./unsupported_feature_error.ts";

/** What outgoing connections can be told. */
export interface ConnectionPoolSettings {
  /** The local address to connect from. */
  readonly localAddress?: string;
  /** The path of a Unix socket to connect to. */
  readonly unixSocket?: string;
  /** Further certificate authorities, in PEM form. */
  readonly caCerts?: readonly string[];
  /** The client's certificate chain, in PEM form. */
  readonly cert?: string;
  /** The client's private key, in PEM form. */
  readonly key?: string;
  /** A proxy for everything. */
  readonly proxy?: {
    /** Its scheme (`http`, `https`, `socks5`, `socks5h`), host and port. */
    readonly url: string;
    /** The user at the proxy. */
    readonly username?: string;
    /** The password at the proxy. */
    readonly password?: string;
  };
  /** Whether a request may have a `Host` that is not that of its URL. HTTP/2 is not spoken then. */
  readonly ownHost?: boolean;
}

/** Connections that share settings, and are kept open for the next request. */
export interface ConnectionPool {
  /** What is to be added to the options of `fetch` and of `new WebSocket`. */
  readonly init: Readonly<Record<string, unknown>>;
  /** Closes them. */
  close(): void;
}

const FEATURES: Readonly<Record<keyof ConnectionPoolSettings, string>> = {
  localAddress: "networkInterface",
  unixSocket: "unixSocket",
  caCerts: "caCerts",
  cert: "clientCert",
  key: "clientKey",
  proxy: "proxyHost",
  ownHost: "preserveHost",
};

/**
 * Prepares connections; none is opened yet.
 *
 * @throws {UnsupportedFeatureError} If the runtime has no way to choose them.
 */
export function openConnectionPool(settings: ConnectionPoolSettings): ConnectionPool {
  requireConnectionPool(settings);
  const { localAddress, unixSocket, caCerts, cert, key, proxy, ownHost } = settings;
  const client = Deno.createHttpClient({
    ...localAddress !== undefined && { localAddress },
    ...ownHost === true && { allowHost: true, http2: false },
    ...caCerts !== undefined && { caCerts: [...caCerts] },
    ...cert !== undefined && key !== undefined && { cert, key },
    ...proxy !== undefined && { proxy: denoProxy(proxy) },
    ...unixSocket !== undefined && { proxy: { transport: "unix" as const, path: unixSocket } },
  } as Deno.CreateHttpClientOptions);
  return { init: { client }, close: () => client.close() };
}

/**
 * Refuses settings that the runtime cannot keep.
 *
 * @throws {UnsupportedFeatureError} It names the first of them.
 */
export function requireConnectionPool(settings: ConnectionPoolSettings): void {
  if ("Deno" in globalThis && typeof Deno.createHttpClient === "function") return;
  const [first] = Object.keys(settings) as (keyof ConnectionPoolSettings)[];
  if (first !== undefined) throw new UnsupportedFeatureError(FEATURES[first], "Deno");
}

/**
 * Whether `fetch` shows a redirect that it was told not to follow. Browsers hide them, and follow at
 * most 20 by themselves.
 */
export function redirectsAreVisible(): boolean {
  return "Deno" in globalThis || !("document" in globalThis || "importScripts" in globalThis);
}

function denoProxy(proxy: ConnectionPoolSettings["proxy"] & object): Record<string, unknown> {
  const { url, username, password = "" } = proxy;
  return { url, ...username !== undefined && { basicAuth: { username, password } } };
}
