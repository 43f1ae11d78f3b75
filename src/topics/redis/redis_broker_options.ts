/** What a broker on Redis can be told, and what its client is told of it. */
import {
  checkOptions,
  COUNT,
  LIMIT,
  MILLISECONDS,
  OBJECT,
  type OptionType,
  type OptionTypes,
  SECRET,
  STRING,
} from "../../checks/option_check.ts";
import { RECONNECT_DEFAULTS } from "./backoff.ts";

/**
 * How a {@linkcode RedisBroker} reaches Redis, and what it may hold meanwhile.
 *
 * @category Topics
 */
export interface RedisBrokerOptions {
  /**
   * `redis://` or, with TLS, `rediss://`, then `user:password@host:port/database`, of which the host is
   * needed. Default `redis://127.0.0.1:6379`.
   */
  readonly url?: string;
  /** The host; not beside `url`. Default `"127.0.0.1"`. */
  readonly host?: string;
  /** The port; not beside `url`. Default 6379. */
  readonly port?: number;
  /** Who logs in. Default: the user that `url` has, or Redis's default user. */
  readonly username?: string;
  /** The password. Default: the one that `url` has, or none. */
  readonly password?: string;
  /** The number of the database. Default: the one that `url` has, or 0. Channels are of all databases. */
  readonly database?: number;
  /**
   * Speaks TLS: `true`, or an object of what `tls.connect` of Node takes, such as `{ ca, cert, key }`.
   * Default: whether `url` begins with `rediss://`.
   */
  readonly tls?: boolean | Readonly<Record<string, unknown>>;
  /** What all keys and channels begin with. Default `"gustnado:"`. Applications must not share one. */
  readonly prefix?: string;
  /**
   * Milliseconds that one attempt to connect may take, and that the start of the application waits for
   * the first connection. Default 5,000.
   */
  readonly connectTimeout?: number;
  /** Milliseconds that a publication, or a read, waits for an answer. Default 10,000. */
  readonly publishTimeout?: number;
  /**
   * Publications that may wait for an answer; one more is refused. Default 10,000. So many messages of
   * plain topics may, and ten times as many reads, joins and leaves.
   */
  readonly maxQueued?: number;
  /** Characters that the publications, and each of the others, may have together. Default 16 Mi. */
  readonly maxQueuedBytes?: number;
  /** The pause before the first attempt to reconnect, in milliseconds. It doubles each time. Default 100. */
  readonly reconnectDelay?: number;
  /** The longest such pause. Default 2,000. */
  readonly maxReconnectDelay?: number;
}

/** The options of which a default is known. */
export type CompleteOptions =
  & Required<Omit<RedisBrokerOptions, "url" | "host" | "port" | "username" | "password" | "tls">>
  & { readonly server: RedisServer };

/** Where Redis is, and how it is logged in to. */
export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls: Readonly<Record<string, unknown>> | null;
}

const PORT: OptionType = {
  name: "a port from 1 to 65535",
  test: (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536,
};
const TLS: OptionType = {
  name: "a boolean, or an object such as { ca }",
  test: (value) => typeof value === "boolean" || OBJECT.test(value),
  secret: true,
};
const PREFIX: OptionType = {
  name: "a string without braces, which Redis Cluster gives a meaning",
  test: (value) => typeof value === "string" && !/[{}]/.test(value),
};
const OPTIONS: OptionTypes & Readonly<Record<keyof RedisBrokerOptions, OptionType>> = {
  url: {
    name: "a URL such as redis://user:password@host:6379",
    test: (value) => typeof value === "string" && parseServer(value) !== null,
    secret: true,
  },
  host: STRING,
  port: PORT,
  username: STRING,
  password: SECRET,
  database: COUNT,
  tls: TLS,
  prefix: PREFIX,
  connectTimeout: MILLISECONDS,
  publishTimeout: MILLISECONDS,
  maxQueued: LIMIT,
  maxQueuedBytes: LIMIT,
  reconnectDelay: MILLISECONDS,
  maxReconnectDelay: MILLISECONDS,
};

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError} If an option is unknown or ill-typed, or two contradict each other. No secret is
 *   quoted.
 */
export function completeOptions(options: RedisBrokerOptions): CompleteOptions {
  checkOptions(options, OPTIONS, "option of a Redis broker");
  if (options.url !== undefined && (options.host ?? options.port) !== undefined) {
    throw new TypeError('Cannot take both "url" and "host" or "port" for a Redis broker: give one');
  }
  const { server, database } = serverOf(options);
  return {
    server,
    database: options.database ?? database,
    prefix: options.prefix ?? "gustnado:",
    connectTimeout: options.connectTimeout ?? 5_000,
    publishTimeout: options.publishTimeout ?? 10_000,
    maxQueued: options.maxQueued ?? 10_000,
    maxQueuedBytes: options.maxQueuedBytes ?? 16 * 1024 * 1024,
    reconnectDelay: options.reconnectDelay ?? RECONNECT_DEFAULTS.min,
    maxReconnectDelay: options.maxReconnectDelay ?? RECONNECT_DEFAULTS.max,
  };
}

interface Place {
  readonly server: RedisServer;
  readonly database: number;
}

function serverOf(options: RedisBrokerOptions): Place {
  const parsed = options.url === undefined ? null : parseServer(options.url);
  const { host = "127.0.0.1", port = 6379, username, password, tls } = options;
  const place = parsed ?? { server: { host, port, tls: null }, database: 0 };
  const server = {
    ...place.server,
    ...username === undefined ? {} : { username },
    ...password === undefined ? {} : { password },
    ...tls === undefined ? {} : { tls: tls === true ? {} : tls || null },
  };
  return { ...place, server };
}

/** `null` if it is malformed: what is thrown for a URL has it in its message, and its password. */
function parseServer(url: string): Place | null {
  try {
    const { protocol, hostname, port, username, password, pathname } = new URL(url);
    const database = Number(pathname.slice(1));
    if (!/^rediss?:$/.test(protocol) || hostname === "" || !COUNT.test(database)) return null;
    return {
      server: {
        host: decodeURIComponent(hostname).replace(/^\[(.*)\]$/, "$1"),
        port: Number(port || 6379),
        ...username === "" ? {} : { username: decodeURIComponent(username) },
        ...password === "" ? {} : { password: decodeURIComponent(password) },
        tls: protocol === "rediss:" ? {} : null,
      },
      database,
    };
  } catch {
    return null;
  }
}
