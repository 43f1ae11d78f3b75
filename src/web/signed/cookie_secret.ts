/** The secret that an application signs with, and its rotation. */
import { byteLength } from "../../http/body/chunk.ts";

/**
 * What cookies are signed with: one secret, or several by their version, so that a new one can take
 * over while cookies that the old ones signed stay valid.
 *
 * @category Cookies and sessions
 */
export type CookieSecret = string | Uint8Array | Readonly<Record<number, string | Uint8Array>>;

/** One secret and its version. */
export interface CookieKey {
  /** The version; 0 for a secret that stands alone. */
  readonly version: number;
  /** The secret. Text stands for its UTF-8. */
  readonly secret: string | Uint8Array;
}

/**
 * The key that new signatures are made with.
 *
 * @param secret The secret, or the secrets.
 * @param version Which of them. One that stands alone may have any version, 0 unless given.
 * @throws {TypeError} If there are several secrets, and none of that version. The message quotes none
 *   of them.
 * @throws {RangeError} If the version is no whole number from 0.
 */
export function signingKey(secret: CookieSecret, version?: number): CookieKey {
  if (version !== undefined && !isKeyVersion(version)) {
    throw new RangeError(
      `Cannot sign with the key version ${version}: it is no whole number from 0`,
    );
  }
  if (isTextOrBytes(secret)) return { version: version ?? 0, secret };
  if (version === undefined) {
    throw new TypeError(
      'Cannot sign with several secrets: set "keyVersion" to the version of the one that signs',
    );
  }
  const chosen = secretOfVersion(secret, version);
  if (chosen !== null) return { version, secret: chosen };
  const versions = Object.keys(secret).join(", ");
  throw new TypeError(
    `Cannot sign with the key version ${version}: there are secrets of version ${versions}`,
  );
}

/**
 * The secret that a signature of a version was made with; `null` if there is none. One that stands
 * alone is that of every version, as in Python's Tornado.
 */
export function secretOfVersion(secret: CookieSecret, version: number): string | Uint8Array | null {
  if (isTextOrBytes(secret)) return secret;
  return Object.hasOwn(secret, version) ? secret[version] ?? null : null;
}

/** Whether a value is a secret, or a record of at least one by its version. None may be empty. */
export function isCookieSecret(value: unknown): value is CookieSecret {
  if (isTextOrBytes(value)) return value.length > 0;
  const entries = Object.entries(Object(value));
  return entries.length > 0 &&
    entries.every(([version, secret]) =>
      isCanonicalVersion(version) && isTextOrBytes(secret) && secret.length > 0
    );
}

/**
 * Checks a secret that a caller gave.
 *
 * @throws {TypeError} If it is none, or empty. The message does not quote it.
 */
export function checkCookieSecret(secret: CookieSecret): void {
  if (isCookieSecret(secret)) return;
  throw new TypeError(
    "Cannot write or read values with the secret given: it must be a string or bytes, not empty, " +
      "or a record of them by their version",
  );
}

/** Whether a value can be the version of a key: a whole number from 0. */
export function isKeyVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/**
 * Checks that a version belongs to a secret.
 *
 * @throws {TypeError} If there are several secrets and none of that version, or a version where there
 *   are not several.
 */
export function checkKeyVersion(secret: CookieSecret | undefined, version?: number): void {
  if (secret !== undefined && !isTextOrBytes(secret)) signingKey(secret, version);
  else if (version !== undefined) {
    throw new TypeError(
      `Cannot use ${version} as the setting "keyVersion": "cookieSecret" is not a record of ` +
        "secrets by their version",
    );
  }
}

/** How many bytes the shortest of the secrets has; `Infinity` where there is none. */
export function shortestSecret(secret: CookieSecret | undefined): number {
  if (secret === undefined) return Infinity;
  const all = isTextOrBytes(secret) ? [secret] : Object.values(secret);
  return Math.min(...all.map(byteLength));
}

/** Whether a value is text or bytes, as a secret is that stands alone. */
export function isTextOrBytes(value: unknown): value is string | Uint8Array {
  return typeof value === "string" || value instanceof Uint8Array;
}

function isCanonicalVersion(name: string): boolean {
  return isKeyVersion(Number(name)) && String(Number(name)) === name;
}
