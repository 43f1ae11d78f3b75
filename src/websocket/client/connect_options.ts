/** The check of what a connection is told. */
import {
  BOOLEAN,
  checkOptions,
  FUNCTION,
  NUMBER,
  OBJECT,
  oneOf,
  type OptionType,
  SECRET,
  SIGNAL,
  STRING,
  STRINGS,
} from "../../checks/option_check.ts";
import { CLIENT_LIMITS } from "../settings.ts";
import type { ReconnectOptions } from "./reconnection.ts";
import type { WebSocketConnectOptions } from "./websocket_connect.ts";

const SCHEME: OptionType = oneOf("http", "https", "socks5", "socks5h");
const RECONNECT: OptionType = {
  name: "a boolean or an object",
  test: (value) => BOOLEAN.test(value) || OBJECT.test(value),
};

const TYPES: Record<keyof WebSocketConnectOptions, OptionType> = {
  networkInterface: STRING,
  proxyHost: STRING,
  proxyPort: NUMBER,
  proxyUsername: STRING,
  proxyPassword: SECRET,
  proxyScheme: SCHEME,
  caCerts: STRINGS,
  clientCert: STRING,
  clientKey: SECRET,
  unixSocket: STRING,
  headers: OBJECT,
  protocols: STRINGS,
  connectTimeout: NUMBER,
  ...CLIENT_LIMITS,
  reconnect: RECONNECT,
  onReconnect: FUNCTION,
  signal: SIGNAL,
};

const RECONNECT_TYPES: Record<keyof ReconnectOptions, OptionType> = {
  attempts: NUMBER,
  minDelay: NUMBER,
  maxDelay: NUMBER,
};

/**
 * Checks the options of `websocketConnect`. One whose value is `undefined` counts as not given.
 *
 * @throws {TypeError} If one is unknown or of the wrong type.
 * @throws {RangeError} If a number is negative or none, or `pingTimeout` is 0.
 */
export function checkConnectOptions(options: WebSocketConnectOptions): void {
  checkOptions(options, TYPES);
  checkNumbers(options);
  const { pingTimeout, reconnect } = options;
  if (pingTimeout === 0) {
    throw new RangeError(
      "Cannot use 0 as pingTimeout: it must be above 0; a pingInterval of 0 pings nobody",
    );
  }
  if (typeof reconnect !== "object") return;
  checkOptions(reconnect, RECONNECT_TYPES, "option of reconnect");
  checkNumbers(reconnect);
}

function checkNumbers(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== "number" || value >= 0) continue;
    throw new RangeError(`Cannot use ${value} as ${name}: it must be a number from 0`);
  }
}
