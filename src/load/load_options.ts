/** What a load is made of. */
import {
  BOOLEAN,
  LIMIT,
  MILLISECONDS,
  OBJECT,
  type OptionType,
  SIZE,
  STRING,
} from "../checks/option_check.ts";

/**
 * How an application is put under load.
 *
 * @category WebSockets and event streams
 */
export interface LoadOptions {
  /** WebSockets that receive. Default 100. */
  readonly sockets?: number;
  /** Messages that are published in a second. Default 10. */
  readonly rate?: number;
  /** Seconds for which they are. Default 10. */
  readonly seconds?: number;
  /** The topic that is followed and published to, in the subprotocol `gustnado.v1.json`. */
  readonly topic?: string;
  /** The subprotocol of sockets without a topic. */
  readonly subprotocol?: string;
  /** What sockets without a topic say first, such as a log-in. */
  readonly greeting?: string;
  /** What they publish, with `$` in the place of the text. Default `"$"`. */
  readonly message?: string;
  /** A URL to publish to by POST, in place of a socket. */
  readonly post?: string;
  /** Whether the server sends each message back to its own socket alone. Default `false`. */
  readonly echo?: boolean;
  /** Header fields of the handshakes and POSTs, such as a cookie. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds that a connection may take. Default 20,000. */
  readonly connectTimeout?: number;
  /** Milliseconds without an arrival after which what is missing counts as lost. Default 2,000. */
  readonly settle?: number;
}

const POSITIVE: OptionType = {
  name: "a number above 0",
  test: (value) => typeof value === "number" && value > 0 && value < Infinity,
};

/** The types of {@linkcode LoadOptions}. */
export const LOAD_OPTIONS: Readonly<Record<keyof LoadOptions, OptionType>> = {
  sockets: LIMIT,
  rate: POSITIVE,
  seconds: POSITIVE,
  topic: STRING,
  subprotocol: STRING,
  greeting: STRING,
  message: STRING,
  post: STRING,
  echo: BOOLEAN,
  headers: OBJECT,
  connectTimeout: MILLISECONDS,
  settle: SIZE,
};
