import {
  BOOLEAN,
  checkOptions,
  LIMIT,
  type OptionType,
  type OptionTypes,
  SECRET,
  STRING,
  STRINGS,
} from "../../checks/option_check.ts";
import { WAIT_OPTIONS } from "../../concurrent/waiting/wait_options.ts";

/** The largest chunk: that much memory is taken for each read. */
const LARGEST_CHUNK = 2 ** 30;

const CHUNK: OptionType = {
  name: "a whole number from 1 to 1,073,741,824 bytes",
  test: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= LARGEST_CHUNK,
};

const TLS_SERVER_TYPES: OptionTypes = { cert: STRING, key: SECRET };

/** What may stand in the options of a stream. */
export const STREAM_OPTIONS: OptionTypes = {
  maxBufferSize: LIMIT,
  maxWriteBufferSize: LIMIT,
  chunkSize: CHUNK,
};

/** What may stand in the options of a read of some bytes. */
export const READ_BYTES_OPTIONS: OptionTypes = { ...WAIT_OPTIONS, partial: BOOLEAN };

/** What may stand in the options of a read up to something; the number has words of its own. */
export const READ_UNTIL_OPTIONS: OptionTypes = {
  ...WAIT_OPTIONS,
  maxBytes: { name: "a number of bytes", test: () => true },
};

/** What may stand in the options of a TLS client. */
export const TLS_CLIENT_OPTIONS: OptionTypes = {
  serverHostname: STRING,
  caCerts: STRINGS,
  alpnProtocols: STRINGS,
};

/** What may stand in the options of a TLS client that connects. */
export const START_TLS_OPTIONS: OptionTypes = { ...WAIT_OPTIONS, ...TLS_CLIENT_OPTIONS };

/** The certificate and key of a TLS server; what is wrong with them is said before they are used. */
export const TLS_SERVER: OptionType = {
  name: "an object of cert and key, the texts of two PEM files",
  secret: true,
  test: (value) => typeof value === "object" && value !== null && "cert" in value && "key" in value,
};

/**
 * Checks the certificate and key of a TLS server.
 *
 * @throws {TypeError} If one is missing, unknown or not a text. The message never quotes a key.
 */
export function checkTlsServer(tls: object | undefined): void {
  if (tls === undefined) return;
  checkOptions({ tls }, { tls: TLS_SERVER });
  checkOptions(tls, TLS_SERVER_TYPES);
}
