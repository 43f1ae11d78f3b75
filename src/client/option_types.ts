/** The types of the client's options, for their check. */
import { isPromiseLike } from "../concurrent/coroutine/promise_like.ts";
import {
  BOOLEAN,
  COUNT,
  FUNCTION,
  LIMIT,
  OBJECT,
  oneOf,
  type OptionType,
  SECRET,
  SIGNAL,
  SIZE,
  STRING,
  STRINGS,
} from "../checks/option_check.ts";
import type { AsyncHTTPClientOptions, FetchAllOptions, FetchOptions } from "./async_http_client.ts";
import type { HTTPCacheOptions } from "./http_cache.ts";
import type { HTTPRequestOptions } from "./http_request.ts";
import type { RetryOptions } from "./attempt/retry.ts";

/** The types of the options of one kind of object. */
type TypesOf<Options> = Readonly<Record<keyof Options, OptionType>>;

const RANGE: OptionType = { ...SIZE, isRange: true };
const AT_LEAST_ONE: OptionType = { ...LIMIT, isRange: true };
const PORT: OptionType = {
  name: "a whole number from 1 to 65535",
  test: (value) => COUNT.test(value) && Number(value) >= 1 && Number(value) <= 65_535,
  isRange: true,
};
const AUTH_MODE: OptionType = oneOf("basic", "digest");
const PROXY_SCHEME: OptionType = oneOf("http", "https", "socks5", "socks5h");
const MOMENT: OptionType = {
  name: "a valid Date, or milliseconds since the epoch",
  test: (value) => Number.isFinite(value instanceof Date ? value.getTime() : value),
};
const HEADERS: OptionType = {
  name: "Headers, an object or an array of pairs",
  test: OBJECT.test,
  secret: true,
};
const BODY: OptionType = {
  name: "a string, a Uint8Array, a stream, an async iterable or null",
  test: (value) => value === null || STRING.test(value) || isBytesOrSource(value),
  secret: true,
};
const JSON_VALUE: OptionType = {
  name: "a value of JSON",
  test: (value) => !["function", "symbol", "bigint"].includes(typeof value),
  secret: true,
};
const STATUSES: OptionType = {
  name: "an array of statuses from 200 to 999",
  test: (value) => Array.isArray(value) && value.every(isStatus),
};
const COOKIE_JAR: OptionType = {
  name: "an object with getCookieString() and setCookie()",
  test: (value) => hasMethods(value, ["getCookieString", "setCookie"]),
};
const CACHE: OptionType = {
  name: "an HTTPCache",
  test: (value) => hasMethods(value, ["fetch"]),
};

/** Of `RetryOptions`. */
export const RETRY_TYPES: TypesOf<RetryOptions> = {
  attempts: AT_LEAST_ONE,
  minDelay: RANGE,
  maxDelay: RANGE,
  maxRetryAfter: RANGE,
  statuses: STATUSES,
  anyMethod: BOOLEAN,
};

const RETRY: OptionType = {
  name: "a whole number from 1, Infinity, or an object of options",
  test: (value) => AT_LEAST_ONE.test(value) || OBJECT.test(value),
  isRange: true,
};

/** Of `HTTPRequestOptions`. */
export const REQUEST_TYPES: TypesOf<HTTPRequestOptions> = {
  method: STRING,
  headers: HEADERS,
  body: BODY,
  json: JSON_VALUE,
  bodyProducer: FUNCTION,
  authUsername: SECRET,
  authPassword: SECRET,
  authMode: AUTH_MODE,
  connectTimeout: RANGE,
  requestTimeout: RANGE,
  ifModifiedSince: MOMENT,
  followRedirects: BOOLEAN,
  maxRedirects: RANGE,
  userAgent: STRING,
  decompressResponse: BOOLEAN,
  maxBodySize: RANGE,
  streamingCallback: FUNCTION,
  headerCallback: FUNCTION,
  uploadProgress: FUNCTION,
  downloadProgress: FUNCTION,
  networkInterface: STRING,
  proxyHost: STRING,
  proxyPort: PORT,
  proxyUsername: SECRET,
  proxyPassword: SECRET,
  proxyScheme: PROXY_SCHEME,
  caCerts: STRINGS,
  clientCert: SECRET,
  clientKey: SECRET,
  unixSocket: STRING,
  allowNonstandardMethods: BOOLEAN,
  signal: SIGNAL,
  retry: RETRY,
};

/** Of `FetchOptions`. */
export const FETCH_TYPES: TypesOf<FetchOptions> = { ...REQUEST_TYPES, raiseError: BOOLEAN };

/** Of `FetchAllOptions`. */
export const FETCH_ALL_TYPES: TypesOf<FetchAllOptions> = {
  ...FETCH_TYPES,
  concurrency: AT_LEAST_ONE,
};

/** Of `AsyncHTTPClientOptions`. */
export const CLIENT_TYPES: TypesOf<AsyncHTTPClientOptions> = {
  maxClients: AT_LEAST_ONE,
  maxClientsPerHost: AT_LEAST_ONE,
  maxBodySize: RANGE,
  defaults: OBJECT,
  cookieJar: COOKIE_JAR,
  cache: CACHE,
  fetch: FUNCTION,
};

/** Of `HTTPCacheOptions`. */
export const CACHE_TYPES: TypesOf<HTTPCacheOptions> = {
  policy: FUNCTION,
  maxBytes: RANGE,
  shared: BOOLEAN,
};

/** What is read piece by piece only when it is sent. */
function isBytesOrSource(value: unknown): boolean {
  if (value instanceof Uint8Array) return true;
  return OBJECT.test(value) && !isPromiseLike(value) && Symbol.asyncIterator in Object(value);
}

function isStatus(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 999;
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return OBJECT.test(value) && names.every((name) => FUNCTION.test(Object(value)[name]));
}
