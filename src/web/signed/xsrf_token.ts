/**
 * Tokens against cross-site request forgery, as Python's Tornado writes and reads them
 * (`tornado.web.RequestHandler.xsrf_token`): a page of another site can make a browser send the
 * cookie, but cannot read it to repeat it in the form.
 */

/** A token, bare: what it is masked with for the wire is another every time. */
export interface XsrfToken {
  /** 16 random bytes, of ours. */
  readonly bytes: Uint8Array;
  /** When it was made, in seconds since the epoch. */
  readonly timestamp: number;
}

const TOKEN_BYTES = 16;
const MASK_BYTES = 4;
/** Nobody's token is longer; what is, is not looked at. */
const LONGEST = 1024;

/** Makes a token. */
export function newXsrfToken(): XsrfToken {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return { bytes, timestamp: Math.floor(Date.now() / 1000) };
}

/**
 * Writes a token in Tornado's second version, `2|mask|masked token|timestamp`. The mask is random, so
 * that a compressed page does not give the token away (BREACH).
 */
export function encodeXsrfToken({ bytes, timestamp }: XsrfToken): string {
  const mask = crypto.getRandomValues(new Uint8Array(MASK_BYTES));
  return ["2", toHex(mask), toHex(masked(bytes, mask)), String(timestamp)].join("|");
}

/**
 * Reads a token of the second version, or one of the first: hex digits, or any text, which stands for
 * its own bytes.
 *
 * @returns `null` if it is malformed.
 */
export function decodeXsrfToken(text: string): XsrfToken | null {
  if (text === "" || text.length > LONGEST) return null;
  const version = /^([1-9][0-9]*)\|/.exec(text)?.[1];
  if (version === undefined) return { bytes: fromHex(text) ?? utf8(text), timestamp: 0 };
  return version === "2" ? decodeSecondVersion(text) : null;
}

function decodeSecondVersion(text: string): XsrfToken | null {
  const [, mask, token, timestamp, ...rest] = text.split("|");
  const key = fromHex(mask ?? "");
  const bytes = fromHex(token ?? "");
  const made = /^\d{1,15}$/.test(timestamp ?? "");
  if (key?.length !== MASK_BYTES || bytes === null || !made || rest.length > 0) return null;
  return { bytes: masked(bytes, key), timestamp: Number(timestamp) };
}

/** Whether two tokens are the same, in a time that does not tell how much of them is. */
export function isSameXsrfToken(one: XsrfToken, other: XsrfToken): boolean {
  let difference = one.bytes.length ^ other.bytes.length;
  for (let i = 0; i < one.bytes.length; i++) {
    difference |= (one.bytes[i] ?? 0) ^ (other.bytes[i] ?? 0);
  }
  return difference === 0 && one.bytes.length > 0;
}

function masked(bytes: Uint8Array, mask: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => byte ^ (mask[i % MASK_BYTES] ?? 0));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(text: string): Uint8Array | null {
  if (text === "" || text.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(text)) return null;
  return Uint8Array.from(
    { length: text.length / 2 },
    (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
