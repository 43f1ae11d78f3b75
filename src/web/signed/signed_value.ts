/**
 * Values that clients keep but cannot change (`tornado.web.create_signed_value`): readable by anyone,
 * and worthless once a byte of them is changed.
 */
import { toBytes } from "../../http/body/chunk.ts";
import { toBase64 } from "../../http/byte_text.ts";
import { ANYTHING, checkOptions, FUNCTION } from "../../checks/option_check.ts";
import { generalLog } from "../../log.ts";
import {
  checkCookieSecret,
  type CookieSecret,
  isTextOrBytes,
  secretOfVersion,
  signingKey,
} from "./cookie_secret.ts";
import {
  type Claim,
  firstToSign,
  isSameSignature,
  LONGEST,
  oldSignatureOf,
  readFirst,
  readSecond,
  secondToSign,
  signatureOf,
  type SignedContent,
  type SignedValueVersion,
  versionOf,
} from "./signed_value_format.ts";

/**
 * How a value is signed; see {@linkcode createSignedValue}.
 *
 * @category Cookies and sessions
 */
export interface CreateSignedValueOptions {
  /**
   * The format: 2, or 1 for a reader that knows no other. Default 2. The first format is weak: it
   * does not tell where the name ends and the value begins.
   */
  readonly version?: SignedValueVersion | undefined;
  /** The version of the secret that signs. Needed if there are several. */
  readonly keyVersion?: number | undefined;
  /** The time, in milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/**
 * What a signed value must be to be accepted; see {@linkcode decodeSignedValue}.
 *
 * @category Cookies and sessions
 */
export interface DecodeSignedValueOptions {
  /** **Days** since the value was signed, after which it has expired. Default 31. */
  readonly maxAgeDays?: number | undefined;
  /**
   * The oldest format that is accepted. Default 2. With 1 a value of Tornado's first format is, which
   * is weaker: use it while the last of them are moved over.
   */
  readonly minVersion?: SignedValueVersion | undefined;
  /** The time, in milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

const DAY = 86_400_000;
/** How far the clock of the server that signed may be ahead of ours. */
const MAX_SKEW = DAY;

/**
 * Signs a value, with its name and the time, as Python's Tornado does: either reads what the other
 * signed.
 *
 * The value can be read by everyone who sees it; it is signed, not encrypted.
 *
 * @param secret What is signed with; see the setting `cookieSecret`.
 * @param name What the value is called: it is only accepted under this name.
 * @param value The value: bytes, or text, which stands for its UTF-8.
 * @throws {TypeError} If the value is neither, the secret is empty, there are several and none of the
 *   key version, or an option is unknown.
 * @throws {RangeError} If the format is unknown, the key version is no whole number from 0, or the
 *   result is longer than 65,536 characters.
 *
 * @example
 * ```ts
 * import { createSignedValue, decodeSignedValue } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const secret = "kept out of the source";
 * const signed = createSignedValue(secret, "unsubscribe", "ada@example.com");
 * assertEquals(decodeSignedValue(secret, "unsubscribe", signed), "ada@example.com");
 * assertEquals(decodeSignedValue(secret, "log in", signed), null);
 * ```
 *
 * @category Cookies and sessions
 */
export function createSignedValue(
  secret: CookieSecret,
  name: string,
  value: string | Uint8Array,
  options: CreateSignedValueOptions = {},
): string {
  checkOptions(options, CREATE_OPTIONS);
  const { version = 2, keyVersion, clock = Date.now } = options;
  checkCookieSecret(secret);
  checkSignable(name, value);
  const timestamp = Math.floor(clock() / 1000);
  const content = { name, payload: toBase64(toBytes(value)), timestamp };
  const signed = write(secret, version, keyVersion, content);
  if (signed.length <= LONGEST) return signed;
  throw new RangeError(
    `Cannot sign the value "${name}": it would be ${signed.length} characters long, and ` +
      `${LONGEST} is the most; sign a key, and keep the value under it on the server`,
  );
}

function checkSignable(name: string, value: unknown): void {
  if (isTextOrBytes(value)) return;
  throw new TypeError(
    `Cannot sign the value "${name}": expected a string or a Uint8Array, got ${typeof value}; ` +
      "write String(value), or JSON.stringify(value) of an object",
  );
}

/**
 * The value that was signed; `null` if there is none, or its signature, name, age or format is not
 * right, or it is not UTF-8. What is wrong is written to the general log as a warning, which holds
 * neither the value nor the secret.
 *
 * @param secret What was signed with; see the setting `cookieSecret`.
 * @param name What the value is called.
 * @param value What {@linkcode createSignedValue} gave; `null` or `""` for nothing.
 * @throws {TypeError} If the secret is empty, or an option is unknown.
 * @throws {RangeError} If an option is out of its range.
 *
 * @example
 * ```ts
 * import { createSignedValue, decodeSignedValue } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const secret = "kept out of the source";
 * const signed = createSignedValue(secret, "user", "ada");
 * assertEquals(decodeSignedValue(secret, "user", signed, { maxAgeDays: 1 }), "ada");
 * assertEquals(decodeSignedValue(secret, "user", signed.replace("YWRh", "ZXZl")), null);
 * ```
 *
 * @category Cookies and sessions
 */
export function decodeSignedValue(
  secret: CookieSecret,
  name: string,
  value: string | null,
  options: DecodeSignedValueOptions = {},
): string | null {
  const binary = openValue(secret, name, value, options);
  if (binary === null || !NOT_ASCII.test(binary)) return binary;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesOf(binary));
  } catch {
    return refuse(name, "it is not UTF-8");
  }
}

/**
 * As {@linkcode decodeSignedValue}, for a value that is no text.
 *
 * @example
 * ```ts
 * import { createSignedValue, decodeSignedBytes } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const secret = "kept out of the source";
 * const signed = createSignedValue(secret, "key", new Uint8Array([0xff, 0x00]));
 * assertEquals(decodeSignedBytes(secret, "key", signed), new Uint8Array([0xff, 0x00]));
 * ```
 *
 * @category Cookies and sessions
 */
export function decodeSignedBytes(
  secret: CookieSecret,
  name: string,
  value: string | null,
  options: DecodeSignedValueOptions = {},
): Uint8Array | null {
  const binary = openValue(secret, name, value, options);
  return binary === null ? null : bytesOf(binary);
}

/**
 * The version of the secret that a value says it was signed with; `null` if it is malformed, or of
 * the first format. The signature is not checked: use it to tell which secrets are still in use.
 *
 * @param value What {@linkcode createSignedValue} gave; `null` or `""` for nothing.
 *
 * @example
 * ```ts
 * import { createSignedValue, getSignatureKeyVersion } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const secrets = { 1: "the old one", 2: "the new one" };
 * const signed = createSignedValue(secrets, "user", "ada", { keyVersion: 2 });
 * assertEquals(getSignatureKeyVersion(signed), 2);
 * ```
 *
 * @category Cookies and sessions
 */
export function getSignatureKeyVersion(value: string | null): number | null {
  if (value === null || value.length > LONGEST) return null;
  return readSecond(value)?.keyVersion ?? null;
}

const NOT_ASCII = /[^\0-\x7f]/;

/** The value behind a good signature, one character per byte. */
function openValue(
  secret: CookieSecret,
  name: string,
  value: string | null,
  options: DecodeSignedValueOptions,
): string | null {
  checkCookieSecret(secret);
  const limits = checkedLimits(options);
  if (value === null || value === "") return null;
  const claim = read(value, limits.minVersion);
  if (typeof claim === "string") return refuse(name, claim);
  const problem = problemOf(claim, secret, name) ?? problemOfAge(claim, limits);
  if (problem !== null) return refuse(name, problem);
  try {
    return atob(claim.payload);
  } catch {
    return refuse(name, MALFORMED);
  }
}

const MALFORMED = "it is malformed";

/** What a value claims, or why it cannot be read. */
function read(value: string, minVersion: number): Claim | string {
  if (value.length > LONGEST) return "it is too long";
  const version = versionOf(value);
  if (version < minVersion || version > 2) return `its format ${version} is not accepted`;
  return (version === 1 ? readFirst(value) : readSecond(value)) ?? MALFORMED;
}

function problemOf(claim: Claim, secret: CookieSecret, name: string): string | null {
  const key = secretOf(claim, secret);
  if (key === null) return "there is no secret of its version";
  if (!isSameSignature(claim.signature, signatureFor(claim, key, name))) {
    return "its signature is not valid";
  }
  return claim.name === null || claim.name === name.toWellFormed() ? null : "it is of another name";
}

/** The signature that a claim needs to be true: by this secret, and under this name. */
function signatureFor(claim: Claim, secret: string | Uint8Array, name: string): string {
  return claim.name === null
    ? oldSignatureOf(secret, name + claim.signed)
    : signatureOf(secret, claim.signed);
}

function secretOf({ keyVersion }: Claim, secret: CookieSecret): string | Uint8Array | null {
  if (keyVersion !== null) return secretOfVersion(secret, keyVersion);
  return isTextOrBytes(secret) ? secret : null;
}

function problemOfAge({ timestamp }: Claim, { maxAgeDays, now }: Limits): string | null {
  const age = now - timestamp * 1000;
  if (age > maxAgeDays * DAY) return "it has expired";
  // Whoever moves digits from the value to the time, which the first format does not tell apart,
  // arrives in the future, and so does nobody else.
  return age < -MAX_SKEW ? "its time is in the future" : null;
}

const CREATE_OPTIONS = { version: ANYTHING, keyVersion: ANYTHING, clock: FUNCTION };
/** With that of `getSignedCookie`, which passes its own on. */
const DECODE_OPTIONS = {
  maxAgeDays: ANYTHING,
  minVersion: ANYTHING,
  clock: FUNCTION,
  value: ANYTHING,
};

interface Limits {
  readonly maxAgeDays: number;
  readonly minVersion: number;
  readonly now: number;
}

function checkedLimits(options: DecodeSignedValueOptions): Limits {
  checkOptions(options, DECODE_OPTIONS);
  const { maxAgeDays = 31, minVersion = 2, clock = Date.now } = options;
  if (!(maxAgeDays >= 0)) {
    throw new RangeError(`Cannot accept values of ${maxAgeDays} days: it must be 0 or more`);
  }
  if (minVersion !== 1 && minVersion !== 2) throw unknownVersion("read", minVersion);
  return { maxAgeDays, minVersion, now: clock() };
}

function write(
  secret: CookieSecret,
  version: SignedValueVersion,
  keyVersion: number | undefined,
  content: SignedContent,
): string {
  if (version === 2) {
    const key = signingKey(secret, keyVersion);
    const signed = secondToSign(key.version, content);
    return signed + signatureOf(key.secret, signed);
  }
  if (version !== 1) throw unknownVersion("sign", version);
  if (isTextOrBytes(secret)) {
    const { payload, timestamp } = content;
    return `${payload}|${timestamp}|${oldSignatureOf(secret, firstToSign(content))}`;
  }
  throw new TypeError("Cannot sign in format 1 with several secrets: it has no key version");
}

function unknownVersion(what: string, version: unknown): RangeError {
  return new RangeError(`Cannot ${what} values in format ${version}: there are 1 and 2`);
}

function refuse(name: string, reason: string): null {
  generalLog()?.warn("Refused the signed value {name}: {reason}", { name, reason });
  return null;
}

function bytesOf(binary: string): Uint8Array {
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
