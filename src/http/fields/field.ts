import { excerpt } from "../excerpt.ts";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const UNSAFE = /[^\t -~\x80-\xff]/;

/**
 * Tells whether a text is a token (RFC 9110 §5.6.2): what header names, methods, cookie names and
 * parameter names are made of.
 */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/**
 * Refuses a header name that is not a token (RFC 9110 §5.1).
 *
 * @throws {TypeError} If the name is empty or holds a character that a token cannot.
 */
export function checkFieldName(name: string): void {
  if (TOKEN.test(name)) return;
  throw new TypeError(
    `Cannot set header ${excerpt(name)}: the name is not a token (RFC 9110 §5.6.2)`,
  );
}

/**
 * Refuses a header value that must not reach the wire: anything but tab, the printable ASCII
 * characters and U+0080 to U+00FF (RFC 9110 §5.5).
 *
 * `Headers` and `Response` accept control characters, and Deno's HTTP writer then aborts the whole
 * process, so this is the gate that every outgoing value passes. Whitespace at the ends is not its
 * concern: `Headers` trims it, and who goes past `Headers` has to.
 *
 * @param name The header, for the message.
 * @param value The value. The message does not repeat it, as it may be a secret.
 * @throws {TypeError} If the value holds a control character or one that is not Latin-1.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 *
 * checkFieldValue("x-name", "caf\u00e9");
 * assertThrows(() => checkFieldValue("x-name", "a\u0001"), TypeError, "control character U+0001");
 * ```
 */
export function checkFieldValue(name: string, value: string): void {
  if (!UNSAFE.test(value)) return;
  throw new TypeError(`Cannot set header ${excerpt(name)}: value contains ${unsafePart(value)}`);
}

/**
 * Finds the first header that {@linkcode checkFieldValue} would refuse: for responses that were
 * made elsewhere.
 *
 * @returns The name of the header, or `null` if all are safe to send.
 */
export function hasUnsafeFieldValue(headers: Headers): string | null {
  for (const [name, value] of headers) {
    if (UNSAFE.test(value)) return name;
  }
  return null;
}

/** Deletes the headers that {@linkcode checkFieldValue} would refuse. */
export function dropUnsafeFields(headers: Headers): void {
  const names = [...headers].filter(([, value]) => UNSAFE.test(value)).map(([name]) => name);
  for (const name of names) headers.delete(name);
}

/**
 * Adds a request header to `Vary` (RFC 9110 §12.5.5), unless it stands there already, or `*` does.
 *
 * @param headers The fields of the response.
 * @param name The request header.
 */
export function addVary(headers: Headers, name: string): void {
  if (!varies(headers.get("vary"), name)) headers.append("vary", name);
}

/**
 * Whether a `Vary` names a request header, or all of them.
 *
 * @param vary The value of the field; `null` if there is none.
 * @param name The request header.
 */
export function varies(vary: string | null, name: string): boolean {
  return hasMember(vary, "*") || hasMember(vary, name.toLowerCase());
}

/**
 * Whether a field that is a list has a member (RFC 9110 §5.6.1), in whatever case.
 *
 * @param field The value of the field; `null` if there is none.
 * @param member The member, in lower case.
 */
export function hasMember(field: string | null, member: string): boolean {
  if (field === null) return false;
  const text = field.toLowerCase();
  return text === member || text.split(",").some((each) => trimWhitespace(each) === member);
}

/** Trims what HTTP calls optional whitespace, spaces and tabs, and no other (RFC 9110 §5.6.3). */
export function trimWhitespace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhitespace(text.charCodeAt(start))) start++;
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** Tells whether a character code is a space or a tab. */
export function isWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** A character in a message, by its code: `U+0001`. */
export function codePoint(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

function unsafePart(value: string): string {
  const code = value.charCodeAt(value.search(UNSAFE));
  const point = codePoint(code);
  return code < 0x80
    ? `the control character ${point}`
    : `the character ${point}, which is not Latin-1; percent-encode it`;
}
