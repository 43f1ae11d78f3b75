/** User and password as a client sends them, read and written. */
import { toBase64 } from "../byte_text.ts";
import { trimWhitespace } from "./field.ts";

/** A user and a password. */
export interface BasicCredentials {
  /** The user's name, without a colon. */
  readonly username: string;
  /** The password. */
  readonly password: string;
}

/** Characters of the header that are looked at: enough for a long password, and no work for more. */
const MAX_LENGTH = 4096;
const SCHEME = "basic ";
// deno-lint-ignore no-control-regex -- RFC 7617 §2: neither part may have them
const CONTROL = /[\0-\x1f\x7f]/;

/**
 * Reads the value of `Authorization` (RFC 7617 §2). The text is UTF-8, and is brought into NFC
 * (§2.1): some keyboards type an accent as a character of its own.
 *
 * @param header The value; `null` if there is none.
 * @returns `null` if it is of another scheme, malformed, or longer than 4,096 characters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseBasicCredentials("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), {
 *   username: "Aladdin",
 *   password: "open sesame",
 * });
 * assertEquals(parseBasicCredentials("Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), null);
 * ```
 */
export function parseBasicCredentials(header: string | null): BasicCredentials | null {
  if (header === null || header.length > MAX_LENGTH) return null;
  if (header.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return null;
  const text = decode(trimWhitespace(header.slice(SCHEME.length)));
  const colon = text === null || CONTROL.test(text) ? -1 : text.indexOf(":");
  if (text === null || colon === -1) return null;
  return {
    username: text.slice(0, colon).normalize("NFC"),
    password: text.slice(colon + 1).normalize("NFC"),
  };
}

/**
 * Writes the value of `Authorization` (RFC 7617).
 *
 * @throws {TypeError} If the user has a colon, which would end it.
 */
export function formatBasicCredentials({ username, password }: BasicCredentials): string {
  if (username.includes(":")) {
    throw new TypeError("Cannot use a user name with a colon in basic authentication");
  }
  return `Basic ${toBase64(new TextEncoder().encode(`${username}:${password}`))}`;
}

function decode(token68: string): string | null {
  // The decoder would pass over white space, and take Base64 without its padding.
  if (/\s/.test(token68) || token68.length % 4 !== 0) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(Uint8Array.fromBase64(token68));
  } catch {
    return null;
  }
}
