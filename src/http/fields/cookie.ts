import { excerpt } from "../excerpt.ts";
import { isToken, trimWhitespace } from "./field.ts";
import { formatHttpDate } from "./http_date.ts";

/**
 * What a cookie is sent with (RFC 6265 §4.1.2).
 *
 * @category Cookies and sessions
 */
export interface CookieAttributes {
  /** The host that gets the cookie, its subdomains included. Default: this host alone. */
  readonly domain?: string | undefined;
  /** The path under which the cookie is sent. Default here: none, so the browser takes its own. */
  readonly path?: string | undefined;
  /** When the cookie ends: a `Date`, or milliseconds since the epoch. */
  readonly expires?: Date | number | undefined;
  /** In how many days from now the cookie ends; `expires` goes before it. */
  readonly expiresDays?: number | undefined;
  /**
   * In how many **seconds** the cookie ends, as in the protocol's `Max-Age`. 0 or less ends it at
   * once. It goes before `expires` in every browser.
   */
  readonly maxAge?: number | undefined;
  /** Whether it is sent over HTTPS only. */
  readonly secure?: boolean | undefined;
  /** Whether scripts in the page cannot read it. */
  readonly httpOnly?: boolean | undefined;
  /** Whether other sites' requests carry it. `"None"` needs `secure`. */
  readonly sameSite?: "Strict" | "Lax" | "None" | undefined;
  /** Whether it is kept apart for each top-level site (CHIPS). It needs `secure`. */
  readonly partitioned?: boolean | undefined;
}

const DAY = 86_400_000;
const PLAIN_VALUE = /^[!#$%&'*+\-.^_`|~:0-9A-Za-z]*$/;
// deno-lint-ignore no-control-regex -- what a cookie's value must not hold
const UNENCODABLE = /[\x00-\x1f\x7f]|[^\x00-\xff]/;
const ESCAPED = /[^!#$%&'*+\-.^_`|~:0-9A-Za-z ()/<=>?@[\]{}]/g;
const ESCAPE_SEQUENCE = /\\(?:([0-3][0-7][0-7])|([^]))/g;
const UNSAFE_ATTRIBUTE = /[^!-:<-~]/;
const SAME_SITE = ["Strict", "Lax", "None"];

/**
 * Reads a `Cookie` header as browsers understand it and Tornado's `httputil.parse_cookie` does:
 * split at every `;`, each part at its first `=`, spaces and tabs trimmed. A part without `=` is a
 * value with an empty name, the last of equal names wins, and values in double quotes are unquoted
 * (`\"`, `\\` and octal escapes such as `\073`).
 *
 * Nothing is refused, one bad cookie does not hide the others, and the time is linear. Tornado's
 * quoting is that of Python's `http.cookies`, which no cookie library for JavaScript reads; that is
 * why this is written here.
 *
 * @param header The value of the header.
 * @returns An object without a prototype, so that no name can be mistaken for a method.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { user, theme } = parseCookies('user="a\\073b"; theme=dark');
 * assertEquals(user, "a;b");
 * assertEquals(theme, "dark");
 * ```
 *
 * @category Text and languages
 */
export function parseCookies(header: string): Record<string, string> {
  const cookies: Record<string, string> = Object.create(null);
  for (let start = 0; start < header.length;) {
    const found = header.indexOf(";", start);
    const end = found === -1 ? header.length : found;
    addCookie(cookies, header.slice(start, end));
    start = end + 1;
  }
  return cookies;
}

/**
 * Writes the value of a `Set-Cookie` header (RFC 6265 §4.1), attributes in alphabetical order.
 *
 * A value of letters, digits and ``!#$%&'*+-.^_`|~:`` is written as it is. Any other is put in
 * double quotes with octal escapes, so that this library and Python's Tornado read each other's
 * cookies.
 *
 * @param name A token (RFC 9110 §5.6.2). The prefixes `__Host-` and `__Secure-` are held to their
 * rules.
 * @param value Printable Latin-1. Encode anything else, for instance with `encodeURIComponent`.
 * @param attributes The attributes. An empty `domain` or `path` is left out.
 * @throws {TypeError} If the name, the value or an attribute cannot be sent, or they contradict each
 * other. The message never repeats the value, as it may be a secret.
 * @throws {RangeError} If a time is not one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   serializeCookie("user", "a;b", { path: "/", maxAge: 60, secure: true }),
 *   'user="a\\073b"; Max-Age=60; Path=/; Secure',
 * );
 * ```
 */
export function serializeCookie(
  name: string,
  value: string,
  attributes: CookieAttributes = {},
): string {
  checkName(name);
  checkValue(name, value);
  checkAttributes(name, attributes);
  const { domain, path, maxAge, sameSite } = attributes;
  const expires = expiry(attributes);
  let cookie = `${name}=${PLAIN_VALUE.test(value) ? value : quote(value)}`;
  if (domain) cookie += `; Domain=${domain}`;
  if (expires !== undefined) cookie += `; Expires=${formatHttpDate(expires)}`;
  if (attributes.httpOnly) cookie += "; HttpOnly";
  if (maxAge !== undefined) cookie += `; Max-Age=${maxAge}`;
  if (attributes.partitioned) cookie += "; Partitioned";
  if (path) cookie += `; Path=${path}`;
  if (sameSite !== undefined) cookie += `; SameSite=${sameSite}`;
  if (attributes.secure) cookie += "; Secure";
  return cookie;
}

function addCookie(cookies: Record<string, string>, part: string): void {
  const equals = part.indexOf("=");
  const name = equals === -1 ? "" : trimWhitespace(part.slice(0, equals));
  const value = trimWhitespace(equals === -1 ? part : part.slice(equals + 1));
  if (name !== "" || value !== "") cookies[name] = unquote(value);
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  const inner = value.slice(1, -1);
  if (!inner.includes("\\")) return inner;
  return inner.replace(
    ESCAPE_SEQUENCE,
    (_, octal: string | undefined, character: string) =>
      octal === undefined ? character : String.fromCharCode(parseInt(octal, 8)),
  );
}

function quote(value: string): string {
  const escaped = value.replace(
    ESCAPED,
    (character) =>
      character === '"' || character === "\\"
        ? `\\${character}`
        : `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
  return `"${escaped}"`;
}

function expiry({ expires, expiresDays }: CookieAttributes): Date | number | undefined {
  if (expires !== undefined || expiresDays === undefined) return expires;
  return Date.now() + expiresDays * DAY;
}

function checkName(name: string): void {
  if (isToken(name)) return;
  throw new TypeError(
    `Cannot set cookie ${excerpt(name)}: the name is not a token (RFC 9110 §5.6.2)`,
  );
}

function checkValue(name: string, value: string): void {
  if (typeof value !== "string") {
    throw new TypeError(
      `Cannot set cookie "${name}": expected a string, got ${typeof value}; ` +
        "write String(value), or JSON.stringify(value) of an object",
    );
  }
  if (!UNENCODABLE.test(value)) return;
  throw new TypeError(
    `Cannot set cookie "${name}": its value contains a control character or one that is not ` +
      "Latin-1; encode the value first, for instance with encodeURIComponent",
  );
}

function checkAttributes(name: string, attributes: CookieAttributes): void {
  const { domain, path, maxAge, sameSite, secure, partitioned } = attributes;
  checkAttribute(name, "domain", domain);
  checkAttribute(name, "path", path);
  if (sameSite !== undefined && !SAME_SITE.includes(sameSite)) {
    throw refusal(name, `sameSite is ${excerpt(String(sameSite))}, not "Strict", "Lax" or "None"`);
  }
  if (maxAge !== undefined && !Number.isSafeInteger(maxAge)) {
    throw new RangeError(
      `Cannot set cookie "${name}": maxAge is ${maxAge}, not a whole number of seconds`,
    );
  }
  if (!secure && sameSite === "None") throw refusal(name, 'sameSite "None" needs secure');
  if (!secure && partitioned) throw refusal(name, "partitioned needs secure");
  checkPrefix(name, attributes);
}

function checkAttribute(name: string, attribute: string, value: string | undefined): void {
  if (value === undefined || !UNSAFE_ATTRIBUTE.test(value)) return;
  throw refusal(
    name,
    `${attribute} ${excerpt(value)} contains a character other than printable ASCII without ";" ` +
      "and space; percent-encode it",
  );
}

/** Browsers drop a cookie that breaks its prefix's rule, silently and in any case of letters. */
function checkPrefix(name: string, { domain, path, secure }: CookieAttributes): void {
  const lowerCase = name.toLowerCase();
  if (lowerCase.startsWith("__secure-") && !secure) {
    throw refusal(name, "the prefix __Secure- needs secure");
  }
  if (lowerCase.startsWith("__host-") && (!secure || path !== "/" || domain)) {
    throw refusal(name, 'the prefix __Host- needs secure, the path "/" and no domain');
  }
}

function refusal(name: string, reason: string): TypeError {
  return new TypeError(`Cannot set cookie "${name}": ${reason}`);
}
