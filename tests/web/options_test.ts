import { assertThrows } from "@std/assert";
import {
  basicAuth,
  cors,
  createSignedValue,
  decodeSignedBytes,
  decodeSignedValue,
  HTTPError,
  MemoryRateLimitStore,
  MemorySessionStore,
  openSealedValue,
  rateLimit,
  RedisRateLimitStore,
  RedisSessionStore,
  requestId,
  sealValue,
  securityHeaders,
} from "@gustnado/gustnado";

// What a caller without types may give.
type Anything = never;

const redis = { sendCommand: () => Promise.resolve(null) };

/** What takes options, by its name: options that are wrong, and what the message says. */
const WRONG: [name: string, use: (options: Anything) => unknown, [unknown, string][]][] = [
  ["rateLimit", rateLimit, [
    [{ limit: NaN }, '"limit"'],
    [{ limit: -1 }, '"limit"'],
    [{ limit: undefined }, 'without "limit"'],
    [{ limit: 5, windowMs: NaN }, '"windowMs"'],
    [{ limit: 5, windowMs: 0 }, '"windowMs"'],
    [{ limit: 5, burst: 0 }, '"burst"'],
    [{ limit: 5, window_ms: 5 }, 'it is spelled "windowMs"'],
    [5, "Cannot read any option of rateLimit() from 5: expected an object, such as { limit: … }"],
  ]],
  ["MemoryRateLimitStore", (options) => new MemoryRateLimitStore(options), [
    [{ maxKeys: "5" }, '"maxKeys"'],
    [{ now: 5 }, '"now"'],
    [{ max_keys: 5 }, 'it is spelled "maxKeys"'],
  ]],
  ["RedisRateLimitStore", (options) => new RedisRateLimitStore(redis, options), [
    [{ timeoutMs: NaN }, '"timeoutMs"'],
    [{ timeoutMs: -1 }, '"timeoutMs"'],
    [{ timeout: 5 }, 'Unknown option of RedisRateLimitStore "timeout"'],
    [{ prefix: 5 }, '"prefix"'],
  ]],
  ["MemorySessionStore", (options) => new MemorySessionStore(options), [
    [{ maxSessions: "5" }, '"maxSessions"'],
    [{ clock: 5 }, '"clock"'],
    [{ maxSession: 5 }, 'did you mean "maxSessions"?'],
  ]],
  ["RedisSessionStore", (options) => new RedisSessionStore(redis, options), [
    [{ timeoutMs: NaN }, '"timeoutMs"'],
    [{ timeoutMs: 0 }, '"timeoutMs"'],
    [{ prefix: 5 }, '"prefix"'],
    [{ key: "x" }, 'Unknown option of RedisSessionStore "key"'],
  ]],
  ["basicAuth", basicAuth, [
    [{ user: {} }, 'did you mean "users"?'],
    [undefined, "Cannot read any option of basicAuth() from undefined"],
  ]],
  ["cors", cors, [
    [{ origin: "*", maxAgeMs: NaN }, '"maxAgeMs"'],
    [{ origin: "*", maxAgeMs: -1 }, '"maxAgeMs"'],
    [{ origin: "*", max_age_ms: 5 }, 'it is spelled "maxAgeMs"'],
    [{ origins: "*" }, 'did you mean "origin"?'],
    ["*", 'Cannot read any option of cors() from "*"'],
  ]],
  ["securityHeaders", securityHeaders, [
    [{ strictTransportSecurity: { maxAgeMs: NaN } }, '"maxAgeMs"'],
    [{ strictTransportSecurity: { maxAgeMs: -1 } }, '"maxAgeMs"'],
    [{ strictTransportSecurity: { maxAge: 5 } }, 'did you mean "maxAgeMs"?'],
    [{ contentSecurityPolicy: true }, '"contentSecurityPolicy"'],
  ]],
  ["requestId", requestId, [[{ trusts: true }, 'did you mean "trust"?']]],
  ["createSignedValue", (options) => createSignedValue("secret", "a", "b", options), [
    [{ key_version: 1 }, 'it is spelled "keyVersion"'],
    [{ maxAgeDays: 1 }, 'Unknown option "maxAgeDays"'],
    [{ clock: 5 }, '"clock"'],
  ]],
  ["decodeSignedValue", (options) => decodeSignedValue("secret", "a", null, options), [
    [{ max_age_days: 1 }, 'it is spelled "maxAgeDays"'],
    [{ clock: 5 }, '"clock"'],
  ]],
  ["decodeSignedBytes", (options) => decodeSignedBytes("secret", "a", null, options), [
    [{ maxAge: 1 }, 'Unknown option "maxAge"'],
  ]],
  ["sealValue", (options) => sealValue("secret", "a", "b", options), [
    [{ key_version: 1 }, 'it is spelled "keyVersion"'],
    [{ clock: 5 }, '"clock"'],
  ]],
  ["openSealedValue", (options) => openSealedValue("secret", "a", null, options), [
    [{ maxAgeMs: NaN }, '"maxAgeMs"'],
    [{ maxAgeMs: -1 }, '"maxAgeMs"'],
    [{ maxAgeDays: 5 }, 'Unknown option "maxAgeDays"'],
  ]],
  ["HTTPError", (options) => new HTTPError(404, options), [
    ["no such page", 'write new HTTPError(404, { logMessage: "no such page" })'],
    [null, "Cannot use object as the options of an HTTPError"],
    [5, "Cannot use number as the options of an HTTPError"],
    [{ log_message: "x" }, 'it is spelled "logMessage"'],
    [{ message: "x" }, 'Unknown option of HTTPError "message"'],
    [{ reason: 5 }, '"reason"'],
    [{ headers: "x" }, '"headers"'],
  ]],
];

for (const [name, use, cases] of WRONG) {
  for (const [options, message] of cases) {
    Deno.test(`${name} refuses ${Deno.inspect(options).replace(/\s+/g, " ")}`, () => {
      assertThrows(() => use(options as Anything), TypeError, message);
    });
  }
}
