/** What a broker of NATS can be told. */
import {
  checkOptions,
  LIMIT,
  MILLISECONDS,
  oneOf,
  type OptionType,
  SECRET,
  STRING,
} from "../../checks/option_check.ts";
import { withDefaults } from "../../checks/option_defaults.ts";

/**
 * How the server shows who it is, and a client who that is. Texts are PEM.
 *
 * @category Topics
 */
export interface NatsTLSOptions {
  /** The authorities that are trusted. Default: those of the runtime. */
  readonly ca?: string;
  /** The certificate of this client. */
  readonly cert?: string;
  /** Its key. */
  readonly key?: string;
  /** Whether TLS begins before the server has said anything, as NATS from 2.10 on can demand. Default `false`. */
  readonly handshakeFirst?: boolean;
}

/**
 * What {@linkcode NatsBroker} can be told.
 *
 * @category Topics
 */
export interface NatsOptions {
  /**
   * `host:port` of a server, or of several of one cluster; each is tried. Default `127.0.0.1:4222`. Who
   * logs in is told in the other options, not here.
   */
  readonly servers?: string | readonly string[];
  /** Who logs in. */
  readonly user?: string;
  /** The password of `user`. */
  readonly pass?: string;
  /** A token to log in with. */
  readonly token?: string;
  /** The text of a credentials file: a JWT and the key of it. */
  readonly credentials?: string;
  /** `true`, or what TLS needs. Default: TLS where the server offers it. */
  readonly tls?: boolean | NatsTLSOptions;
  /**
   * What subjects and streams begin with: 1 to 32 letters, digits, `_` and `-`. Default `"gustnado"`.
   * Applications that share a server have one each.
   */
  readonly prefix?: string;
  /** Milliseconds that one attempt to connect may take, and that the start waits. Default 5,000. */
  readonly connectTimeout?: number;
  /** Milliseconds that a publication, or a question, waits for the server. Default 10,000. */
  readonly publishTimeout?: number;
  /** Publications that may wait for an answer; one more is refused. Default 10,000. */
  readonly maxQueued?: number;
  /** Bytes that these may have together. Default 16 MiB. */
  readonly maxQueuedBytes?: number;
  /**
   * Where a server keeps the streams that it does not have yet: on its disk, or in memory, where a
   * restart forgets them. Default `"file"`.
   */
  readonly storage?: "file" | "memory";
  /** How many servers of a cluster keep each of the streams that are new, 1 to 5. Default 1. */
  readonly replicas?: number;
}

/** The options that have a default. */
type Defaulted =
  | "servers"
  | "prefix"
  | "connectTimeout"
  | "publishTimeout"
  | "maxQueued"
  | "maxQueuedBytes"
  | "storage"
  | "replicas";

/** The options, those with a default as they are then. */
export type NatsSettings = Required<Pick<NatsOptions, Defaulted>> & Omit<NatsOptions, Defaulted>;

const DEFAULTS: Required<Pick<NatsOptions, Defaulted>> = {
  servers: "127.0.0.1:4222",
  prefix: "gustnado",
  connectTimeout: 5_000,
  publishTimeout: 10_000,
  maxQueued: 10_000,
  maxQueuedBytes: 16 * 1024 * 1024,
  storage: "file",
  replicas: 1,
};

const SERVERS: OptionType = {
  name: 'a text such as "127.0.0.1:4222", or some, without a user or password in it',
  // It may hold a password in spite of that.
  secret: true,
  test: (value) =>
    isServer(value) || Array.isArray(value) && value.length > 0 && value.every(isServer),
};
const PREFIX: OptionType = {
  name: 'a text of 1 to 32 letters, digits, "_" and "-"',
  test: (value) => typeof value === "string" && /^[A-Za-z0-9_-]{1,32}$/.test(value),
};
const REPLICAS: OptionType = {
  name: "a whole number from 1 to 5",
  test: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 5,
};
const TLS: OptionType = {
  name: "true, false, or an object such as { ca }",
  secret: true,
  test: (value) => typeof value === "boolean" || typeof value === "object" && value !== null,
};

const OPTION_TYPES: Readonly<Record<keyof NatsOptions, OptionType>> = {
  servers: SERVERS,
  user: STRING,
  pass: SECRET,
  token: SECRET,
  credentials: SECRET,
  tls: TLS,
  prefix: PREFIX,
  connectTimeout: MILLISECONDS,
  publishTimeout: MILLISECONDS,
  maxQueued: LIMIT,
  maxQueuedBytes: LIMIT,
  storage: oneOf("file", "memory"),
  replicas: REPLICAS,
};
const TLS_TYPES: Readonly<Record<keyof NatsTLSOptions, OptionType>> = {
  ca: STRING,
  cert: STRING,
  key: SECRET,
  handshakeFirst: { name: "a boolean", test: (value) => typeof value === "boolean" },
};

/**
 * Checks the options, and adds what holds by default.
 *
 * @throws {TypeError} If an option is unknown or ill-typed.
 */
export function natsSettings(options: NatsOptions): NatsSettings {
  checkOptions(options, OPTION_TYPES, "option of NatsBroker");
  if (typeof options.tls === "object") checkOptions(options.tls, TLS_TYPES, "option of its TLS");
  return withDefaults<NatsSettings>(DEFAULTS, { ...DEFAULTS, ...options });
}

function isServer(value: unknown): boolean {
  return typeof value === "string" && /^(?:[a-z]+:\/\/)?[^\s@/]+\/?$/.test(value);
}
