/** The ways out: connections with settings of their own, kept apart from all others. */
import {
  type ConnectionPool,
  type ConnectionPoolSettings,
  openConnectionPool,
} from "../../platform/connection_pool.ts";
import type { HTTPRequestOptions } from "../http_request.ts";

/** How many kinds of connection a client keeps; the one that was idle longest goes first. */
const MAX_KINDS = 32;

interface Kind {
  readonly connections: ConnectionPool;
  users: number;
}

/** A use of connections, over when it is disposed of. */
export interface Transport extends Disposable {
  /** What `fetch` needs to use them. */
  readonly connections: ConnectionPool;
}

/**
 * Keeps one set of connections for every combination of proxy, certificates, addresses and sockets:
 * what was opened with one identity is never used with another.
 */
export class Transports {
  readonly #kinds = new Map<string, Kind>();

  /**
   * Takes the connections that a request needs.
   *
   * @param isTrusted Whether the client's certificate may be shown.
   * @returns `null` where the runtime's own will do.
   */
  take(options: HTTPRequestOptions, isTrusted: boolean): Transport | null {
    const settings = connectionSettings(options, isTrusted);
    if (settings === null) return null;
    const key = JSON.stringify(settings);
    const kind = this.#kinds.get(key) ?? { connections: openConnectionPool(settings), users: 0 };
    // Deleted and set again, the map is in the order of use.
    this.#kinds.delete(key);
    this.#kinds.set(key, kind);
    kind.users++;
    this.#shrink();
    return { connections: kind.connections, [Symbol.dispose]: () => void kind.users-- };
  }

  /** Closes all. */
  close(): void {
    for (const { connections } of this.#kinds.values()) connections.close();
    this.#kinds.clear();
  }

  #shrink(): void {
    for (const [key, kind] of this.#kinds) {
      if (this.#kinds.size <= MAX_KINDS) return;
      if (kind.users > 0) continue;
      kind.connections.close();
      this.#kinds.delete(key);
    }
  }
}

/**
 * What a request asks of its connections; `null` if nothing.
 *
 * @throws {TypeError} If a part of a pair is missing.
 */
export function connectionSettings(
  options: HTTPRequestOptions,
  isTrusted: boolean,
): ConnectionPoolSettings | null {
  const { networkInterface, unixSocket, caCerts, clientCert, clientKey, proxyHost } = options;
  if ((clientCert === undefined) !== (clientKey === undefined)) {
    throw new TypeError("Cannot use a client certificate: clientCert and clientKey go together");
  }
  const isUsual = networkInterface === undefined && unixSocket === undefined &&
    caCerts === undefined && clientCert === undefined && proxyHost === undefined;
  if (isUsual) return null;
  const settings: ConnectionPoolSettings = {
    ...networkInterface !== undefined && { localAddress: networkInterface },
    ...unixSocket !== undefined && { unixSocket },
    ...caCerts !== undefined && { caCerts },
    ...isTrusted && clientCert !== undefined && clientKey !== undefined &&
      { cert: clientCert, key: clientKey },
    ...proxyHost !== undefined && { proxy: proxyOf(proxyHost, options) },
  };
  return Object.keys(settings).length === 0 ? null : settings;
}

function proxyOf(
  host: string,
  options: HTTPRequestOptions,
): ConnectionPoolSettings["proxy"] & object {
  const { proxyScheme = "http", proxyPort, proxyUsername, proxyPassword = "" } = options;
  if (proxyPort === undefined) {
    throw new TypeError(`Cannot use the proxy ${JSON.stringify(host)}: it has no proxyPort`);
  }
  const authority = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return {
    url: `${proxyScheme}://${authority}:${proxyPort}`,
    ...proxyUsername !== undefined && { username: proxyUsername, password: proxyPassword },
  };
}
