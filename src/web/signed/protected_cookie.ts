/** The attributes of cookies that nobody but the server is to read. */
import type { CookieAttributes } from "../../http/fields/cookie.ts";
import type { RequestHandler } from "../request_handler.ts";

/** The attributes of a cookie that nobody but the server is to read. */
export function protectedCookie(handler: RequestHandler, name: string): CookieAttributes {
  return { httpOnly: true, sameSite: "Lax", secure: needsHttps(handler, name) };
}

/** Whether a cookie is to be sent over https only: it came that way, or its name demands it. */
export function needsHttps(handler: RequestHandler, name: string): boolean {
  // Browsers take cookies of these names over https, and from localhost, with "Secure" only.
  return handler.request.protocol === "https" || /^__(?:Host|Secure)-/i.test(name);
}
