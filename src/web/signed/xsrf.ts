/** The check of tokens against cross-site request forgery. */
import { settingOf } from "../../checks/setting_table.ts";
import type { CookieAttributes } from "../../http/fields/cookie.ts";
import { isSameOrigin } from "../../http/target/origin.ts";
import { HTTPError } from "../http_error.ts";
import { needsHttps } from "./protected_cookie.ts";
import type { RequestHandler } from "../request_handler.ts";
import { SIGNED_SETTINGS } from "./settings.ts";
import {
  decodeXsrfToken,
  encodeXsrfToken,
  isSameXsrfToken,
  newXsrfToken,
  type XsrfToken,
} from "./xsrf_token.ts";
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
  throw refused("the request comes from another origin, as Origin says");
}

function checkToken(handler: RequestHandler): void {
  const sent = handler.getArgument("_xsrf", null) || handler.request.header("x-xsrftoken") ||
    handler.request.header("x-csrftoken");
  if (!sent) throw refused("'_xsrf' argument missing from the request");
  const token = decodeXsrfToken(sent);
  if (token === null) throw refused("'_xsrf' argument has invalid format");
  const expected = cookieToken(handler);
  if (expected === null || !isSameXsrfToken(token, expected)) {
    throw refused("XSRF cookie does not match the argument");
  }
}

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
