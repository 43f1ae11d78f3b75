/** Names of any content as one token of a subject: NATS gives a meaning to spaces, `.`, `*` and `>`. */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What stands in a token as it is. */
const PLAIN = /^[A-Za-z0-9_-]+$/;
const TOKEN = /^(?:=|(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+)$/;

/** The token of an empty name: a token has at least one character. */
const EMPTY = "=";

/** A server takes lines of 4,096 bytes, which have three tokens at most. */
const LIMIT = 1_000;

/**
 * Writes a name as a token: letters, digits, `_` and `-` as they are, every other byte as `=` and two
 * hexadecimal digits.
 *
 * @param name Well-formed text.
 * @param what What it is called in an error.
 * @throws {RangeError} If the token is longer than 1,000 characters.
 */
export function encodeToken(name: string, what = "name"): string {
  const token = PLAIN.test(name) ? name : name === "" ? EMPTY : escape(name);
  if (token.length <= LIMIT) return token;
  throw new RangeError(
    `Cannot use a ${what} of ${name.length} characters with NATS: ` +
      `it takes ${token.length} of the ${LIMIT} that one may have in a subject`,
  );
}

function escape(name: string): string {
  let token = "";
  for (const byte of encoder.encode(name)) {
    const character = String.fromCharCode(byte);
    token += PLAIN.test(character)
      ? character
      : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return token;
}

/** Reads a token; `null` if {@linkcode encodeToken} does not write it so: another program did. */
export function decodeToken(token: string): string | null {
  if (PLAIN.test(token)) return token;
  if (token === EMPTY) return "";
  const name = TOKEN.test(token) ? unescape(token) : null;
  return name !== null && escape(name) === token ? name : null;
}

function unescape(token: string): string | null {
  const bytes: number[] = [];
  for (let at = 0; at < token.length; at++) {
    if (token[at] !== EMPTY) bytes.push(token.charCodeAt(at));
    else {
      bytes.push(parseInt(token.slice(at + 1, at + 3), 16));
      at += 2;
    }
  }
  try {
    return decoder.decode(Uint8Array.from(bytes));
  } catch {
    return null;
  }
}
