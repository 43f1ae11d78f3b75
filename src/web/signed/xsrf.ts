/**
 * Tokens against cross-site request forgery, written and read as Python's Tornado does
 * (`tornado.web.RequestHandler.xsrf_token`), and their check: a page of another site can make a browser
 * send the cookie, but cannot read it to repeat it in the form.
 */
import { settingOf } from "../../checks/option_check.ts";
import type { CookieAttributes } from "../../http/fields/cookie.ts";
import { toBytes } from "../../http/body/chunk.ts";
import { toHex } from "../../http/byte_text.ts";
import { excerpt } from "../../http/excerpt.ts";
import { isSameOrigin } from "../../http/target/host.ts";
import { HTTPError } from "../http_error.ts";
import { needsHttps } from "./signed_cookies.ts";
import type { RequestHandler } from "../request_handler.ts";
import { SIGNED_SETTINGS } from "./settings.ts";
import { isSameSignature } from "./signed_value_format.ts";
import { served } from "../request/served_request.ts";

/** Methods that change nothing (RFC 9110 §9.2.1), which other sites may use. */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a method must show a token. */
export function needsXsrfToken(method: string): boolean {
  return !SAFE.has(method);
}

/**
 * The token of a request, for a form: that of its cookie; where it came with none, a new one, which
 * the response sets as a cookie. It lives as long as a log-in does: 30 days for users who are known,
 * else a session.
 *
 * @param isLoggedIn Whether the user is known.
 */
export function issueXsrfToken(handler: RequestHandler, isLoggedIn: () => boolean): string {
  const known = cookieToken(handler);
  // The page is of use to nobody else.
  served(handler.request).cookiesRead = true;
  const encoded = encodeXsrfToken(known ?? newXsrfToken());
  if (known !== null) return encoded;
  const lasting = isLoggedIn() ? { expiresDays: 30 } : {};
  handler.setCookie(cookieName(handler), encoded, cookieAttributes(handler, lasting));
  return encoded;
}

/**
 * Checks where the request comes from, if the setting `xsrfCheckOrigin` says so, and compares the
 * token of the form or of the header with that of the cookie.
 *
 * @throws {HTTPError} (403) If it comes from another site, or a token is missing or malformed, or
 *   they differ.
 */
export function checkXsrf(handler: RequestHandler): void {
  if (handler.settings.xsrfCheckOrigin) checkOrigin(handler);
  checkToken(handler);
}

/** Browsers say which site made them send a request, and no script can change what they say. */
function checkOrigin({ request }: RequestHandler): void {
  const site = request.header("sec-fetch-site");
  if (site !== null) {
    if (site === "same-origin" || site === "none") return;
    throw refused("the request comes from another origin, as Sec-Fetch-Site says");
  }
  const origin = request.header("origin");
  if (origin === null || isSameOrigin(origin, request.host)) return;
  throw refused(
    `the request comes from another origin, as Origin says: ${
      excerpt(origin)
    } is not that of the ` +
      `host ${excerpt(request.host)}`,
  );
}

function checkToken(handler: RequestHandler): void {
  const sent = handler.getArgument("_xsrf", null) || handler.request.header("x-xsrftoken") ||
    handler.request.header("x-csrftoken");
  if (!sent) throw refused(`'_xsrf' argument missing from the request: ${SEND_TOKEN}`);
  const token = decodeXsrfToken(sent);
  if (token === null) throw refused("'_xsrf' argument has invalid format");
  const expected = cookieToken(handler);
  if (expected !== null && isSameXsrfToken(token, expected)) return;
  const reason = expected === null
    ? `no valid cookie ${JSON.stringify(cookieName(handler))} came with the request`
    : "load the form again";
  throw refused(`XSRF cookie does not match the argument: ${reason}`);
}

const SEND_TOKEN =
  "write {{ xsrfFormHtml() }} into the form, or send this.xsrfToken in the header " +
  "X-XSRFToken; for requests that no browser sends, override checkXsrfCookie()";

function cookieToken(handler: RequestHandler): XsrfToken | null {
  const cookie = handler.getCookie(cookieName(handler));
  return cookie === null ? null : decodeXsrfToken(cookie);
}

function cookieName(handler: RequestHandler): string {
  return settingOf(SIGNED_SETTINGS, handler.settings, "xsrfCookieName");
}

/** The token is sent over https only, if that is where the request came from. */
function cookieAttributes(handler: RequestHandler, lasting: CookieAttributes): CookieAttributes {
  const secure = needsHttps(handler, cookieName(handler));
  return { sameSite: "Lax", secure, ...lasting, ...handler.settings.xsrfCookieOptions };
}

function refused(logMessage: string): HTTPError {
  return new HTTPError(403, { logMessage });
}

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
  return `2|${toHex(mask)}|${toHex(masked(bytes, mask))}|${timestamp}`;
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
  if (version === undefined) {
    return { bytes: HEX.test(text) ? fromHex(text) : toBytes(text), timestamp: 0 };
  }
  return version === "2" ? decodeSecondVersion(text) : null;
}

const HEX = /^(?:[0-9a-f]{2})+$/i;
/** A mask of {@linkcode MASK_BYTES}, the masked token, and when it was made. */
const SECOND_VERSION = /^2\|([0-9a-f]{8})\|((?:[0-9a-f]{2})+)\|(\d{1,15})$/i;

function decodeSecondVersion(text: string): XsrfToken | null {
  const [, mask = "", token = "", timestamp] = SECOND_VERSION.exec(text) ?? [];
  if (timestamp === undefined) return null;
  return { bytes: masked(fromHex(token), fromHex(mask)), timestamp: Number(timestamp) };
}

/** Whether two tokens are the same, in a time that does not tell how much of them is. */
export function isSameXsrfToken(one: XsrfToken, other: XsrfToken): boolean {
  return one.bytes.length > 0 && isSameSignature(toHex(one.bytes), toHex(other.bytes));
}

function masked(bytes: Uint8Array, mask: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => byte ^ (mask[i % MASK_BYTES] ?? 0));
}

/** @param text Hex digits, two for each byte. */
function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => parseInt(digits, 16));
}
