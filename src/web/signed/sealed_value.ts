/**
 * Sealed values: small texts that a client keeps and can neither read nor change. Encrypted with
 * AES-256-GCM, in the form `g1.<key version>.<time>.<nonce, text and tag in base64url>`.
 */
import { toBase64, toHex } from "../../http/byte_text.ts";
import { nodeCrypto } from "../../platform/node_builtins.ts";
import {
  ANYTHING,
  checkOptions,
  FUNCTION,
  type OptionType,
  SIZE,
} from "../../checks/option_check.ts";
import { generalLog } from "../../log.ts";
import {
  checkCookieSecret,
  type CookieSecret,
  secretOfVersion,
  signingKey,
} from "./cookie_secret.ts";

/**
 * How {@linkcode sealValue} seals.
 *
 * @category Cookies and sessions
 */
export interface SealValueOptions {
  /** Which of several secrets to seal with; the setting `keyVersion`. */
  readonly keyVersion?: number | undefined;
  /** Tells the time, in milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/**
 * What {@linkcode openSealedValue} accepts.
 *
 * @category Cookies and sessions
 */
export interface OpenSealedValueOptions {
  /** The age in milliseconds from which on a value is refused. Default: any age is accepted. */
  readonly maxAgeMs?: number | undefined;
  /** Tells the time, in milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/** What was sealed, and when. */
export interface SealedContent {
  /** The bytes. */
  readonly value: Uint8Array;
  /** When it was sealed, in milliseconds since the epoch. */
  readonly sealedAt: number;
}

const SEAL_OPTIONS: Readonly<Record<keyof SealValueOptions, OptionType>> = {
  keyVersion: ANYTHING,
  clock: FUNCTION,
};
const OPEN_OPTIONS: Readonly<Record<keyof OpenSealedValueOptions, OptionType>> = {
  maxAgeMs: SIZE,
  clock: FUNCTION,
};

const FORM = /^(g1\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.)([A-Za-z0-9_-]{38,})$/;
const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** Keeps the keys of sealing apart from whatever else is made of the same secret. */
const PURPOSE = "gustnado sealed value 1";
/** A clock that is ahead of this one by more than a minute is not believed. */
const CLOCK_SKEW = 60_000;

/**
 * Encrypts a value for a client to keep, so that it can be neither read nor changed: AES-256-GCM with
 * a random nonce, under a key that HKDF-SHA256 (RFC 5869) derives from the secret. The name, the
 * version of the key and the time are authenticated with it, so a value that was sealed for one
 * purpose does not open under the name of another.
 *
 * A nonce is 96 random bits: change the secret before it has sealed 2³² values (NIST SP 800-38D §8.3).
 *
 * @param secret The setting `cookieSecret`.
 * @param name What the value is for, such as the name of its cookie.
 * @param value Text, which stands for its UTF-8, or bytes.
 * @returns Letters, digits, `.`, `-` and `_`: a third longer than the value, and about 65 characters
 *   more.
 * @throws {TypeError} If the secret is empty, or there are several and none of `keyVersion`, or an
 *   option is unknown or ill-typed.
 *
 * @example
 * ```ts
 * import { openSealedValue, sealValue } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const secret = "change me: 32 random bytes, say";
 * const sealed = sealValue(secret, "cart", "three apples");
 * assertEquals(openSealedValue(secret, "cart", sealed), "three apples");
 * assertEquals(openSealedValue(secret, "user", sealed), null);
 * ```
 *
 * @category Cookies and sessions
 */
export function sealValue(
  secret: CookieSecret,
  name: string,
  value: string | Uint8Array,
  options: SealValueOptions = {},
): string {
  checkOptions(options, SEAL_OPTIONS);
  const { keyVersion, clock = Date.now } = options;
  checkCookieSecret(secret);
  const key = signingKey(secret, keyVersion);
  const head = `g1.${key.version}.${Math.max(0, Math.floor(clock()))}.`;
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const cipher = nodeCrypto().createCipheriv(CIPHER, sealingKey(key.secret), nonce);
  cipher.setAAD(associatedData(name, head));
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  const sealed = new Uint8Array(NONCE_BYTES + bytes.length + TAG_BYTES);
  sealed.set(nonce);
  sealed.set(cipher.update(bytes), NONCE_BYTES);
  cipher.final();
  sealed.set(cipher.getAuthTag(), NONCE_BYTES + bytes.length);
  return head + toBase64Url(sealed);
}

/**
 * Opens a value that {@linkcode sealValue} sealed.
 *
 * @param secret The setting `cookieSecret`: a value is opened with the secret of its version.
 * @param name The name that it was sealed with.
 * @param sealed What the client sent; `null` gives `null`.
 * @returns The text; `null` if the value is malformed, was changed, is of another name or secret, too
 *   old, from the future, or not UTF-8. Which of these it is, is logged as a warning, but for age.
 * @throws {TypeError} If the secret is empty, or an option is unknown or ill-typed.
 *
 * @example
 * ```ts
 * import { openSealedValue, sealValue } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const secret = "change me: 32 random bytes, say";
 * const yesterday = Date.now() - 86_400_000;
 * const sealed = sealValue(secret, "invitation", "ada", { clock: () => yesterday });
 * assertEquals(openSealedValue(secret, "invitation", sealed), "ada");
 * assertEquals(openSealedValue(secret, "invitation", sealed, { maxAgeMs: 3_600_000 }), null);
 * ```
 *
 * @category Cookies and sessions
 */
export function openSealedValue(
  secret: CookieSecret,
  name: string,
  sealed: string | null,
  options: OpenSealedValueOptions = {},
): string | null {
  const bytes = openSealedBytes(secret, name, sealed, options);
  if (bytes === null) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse(name, "it is not UTF-8");
  }
}

/**
 * As {@linkcode openSealedValue}, for bytes.
 *
 * @example
 * ```ts
 * import { openSealedBytes, sealValue } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const secret = "change me: 32 random bytes, say";
 * const sealed = sealValue(secret, "key", new Uint8Array([0xff, 0x00]));
 * assertEquals(openSealedBytes(secret, "key", sealed), new Uint8Array([0xff, 0x00]));
 * ```
 *
 * @category Cookies and sessions
 */
export function openSealedBytes(
  secret: CookieSecret,
  name: string,
  sealed: string | null,
  options: OpenSealedValueOptions = {},
): Uint8Array | null {
  return openSealedContent(secret, name, sealed, options)?.value ?? null;
}

/** As {@linkcode openSealedBytes}, with the time of sealing. */
export function openSealedContent(
  secret: CookieSecret,
  name: string,
  sealed: string | null,
  options: OpenSealedValueOptions = {},
): SealedContent | null {
  checkOptions(options, OPEN_OPTIONS);
  const { maxAgeMs = Infinity, clock = Date.now } = options;
  checkCookieSecret(secret);
  if (sealed === null) return null;
  const parts = FORM.exec(sealed);
  if (parts === null) return refuse(name, "it is malformed");
  const [, head = "", version, time, body = ""] = parts;
  const ofVersion = secretOfVersion(secret, Number(version));
  if (ofVersion === null) return refuse(name, `there is no secret of version ${version}`);
  const value = decrypt(sealingKey(ofVersion), { body, data: associatedData(name, head) });
  if (value === null) return refuse(name, "it was changed, or sealed with another name or secret");
  const sealedAt = Number(time);
  const age = clock() - sealedAt;
  if (age < -CLOCK_SKEW) return refuse(name, "it was sealed in the future");
  return age < maxAgeMs ? { value, sealedAt } : null;
}

function decrypt(
  key: Uint8Array,
  { body, data }: { readonly body: string; readonly data: Uint8Array },
): Uint8Array | null {
  const sealed = fromBase64Url(body);
  if (sealed === null || sealed.length < NONCE_BYTES + TAG_BYTES) return null;
  const end = sealed.length - TAG_BYTES;
  const options = { authTagLength: TAG_BYTES };
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = nodeCrypto().createDecipheriv(CIPHER, key, nonce, options);
  decipher.setAAD(data);
  decipher.setAuthTag(sealed.subarray(end));
  try {
    const opened = decipher.update(sealed.subarray(NONCE_BYTES, end));
    decipher.final();
    return new Uint8Array(opened);
  } catch {
    return null;
  }
}

/** Unambiguous, whatever stands in the name: the head has a form of its own. */
function associatedData(name: string, head: string): Uint8Array {
  return new TextEncoder().encode(`${head}${name}`);
}

/** The keys of the secrets in use: an application has few, and one that makes them up has many. */
const keys = new Map<string, Uint8Array>();
const MOST_KEYS = 32;

function sealingKey(secret: string | Uint8Array): Uint8Array {
  const id = typeof secret === "string" ? `t${secret}` : `b${toHex(secret)}`;
  const known = keys.get(id);
  if (known !== undefined) return known;
  const derived = nodeCrypto().hkdfSync("sha256", secret, "", PURPOSE, KEY_BYTES);
  if (keys.size >= MOST_KEYS) keys.clear();
  const key = new Uint8Array(derived);
  keys.set(id, key);
  return key;
}

function refuse(name: string, reason: string): null {
  generalLog()?.warn("Cannot open the sealed value {name}: {reason}", { name, reason });
  return null;
}

function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes, { alphabet: "base64url", omitPadding: true });
}

/** Each value has one spelling: bits left over in the last character must be 0. */
function fromBase64Url(text: string): Uint8Array | null {
  if (text.length % 4 === 1) return null;
  const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
  return toBase64Url(bytes) === text ? bytes : null;
}
