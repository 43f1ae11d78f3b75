/** Cookies that their client can neither read nor change. */
import type { CookieAttributes } from "../../http/fields/cookie.ts";
import type { RequestHandler } from "../request_handler.ts";
import { protectedCookie } from "./signed_cookies.ts";
import { openSealedValue, sealValue } from "./sealed_value.ts";
import { served } from "../request/served_request.ts";

/**
 * Sets a cookie that the client can neither read nor change: its value is encrypted with the setting
 * `cookieSecret`; see {@linkcode sealValue}.
 *
 * A client can send an old value again as long as `maxAgeMs` of {@linkcode getSealedCookie} lets it.
 *
 * @param handler Whose response sets it.
 * @param name The name of the cookie.
 * @param value Any text. Browsers keep 4,096 bytes of name and sealed value together, which leaves
 *   about 3,000 for it.
 * @param attributes Default: the path `/`, `httpOnly`, `sameSite: "Lax"`, and `secure` where the
 *   request came by https.
 * @throws {Error} If there is no setting `cookieSecret`.
 *
 * @example
 * ```ts
 * import {
 *   Application,
 *   getSealedCookie,
 *   RequestHandler,
 *   setSealedCookie,
 * } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Cart extends RequestHandler {
 *   override get() {
 *     this.write(getSealedCookie(this, "cart") ?? "nothing");
 *   }
 *
 *   override post() {
 *     setSealedCookie(this, "cart", "three apples", { maxAge: 3600 });
 *   }
 * }
 *
 * const app = new Application([["/", Cart]], { cookieSecret: "32 random bytes, in real life" });
 * const set = await app.fetch(new Request("http://localhost/", { method: "POST" }));
 * const cookie = set.headers.getSetCookie()[0]?.split(";")[0] ?? "";
 * assertEquals(cookie.includes("apples"), false);
 * const read = await app.fetch(new Request("http://localhost/", { headers: { cookie } }));
 * assertEquals(await read.text(), "three apples");
 * ```
 *
 * @category Cookies and sessions
 */
export function setSealedCookie(
  handler: RequestHandler,
  name: string,
  value: string,
  attributes: CookieAttributes = {},
): void {
  const secret = handler.requireSetting("cookieSecret", "sealed cookies");
  const { keyVersion } = handler.settings;
  handler.setCookie(name, sealValue(secret, name, value, { keyVersion }), {
    ...protectedCookie(handler, name),
    ...attributes,
  });
}

/**
 * Reads a cookie that {@linkcode setSealedCookie} set.
 *
 * @param handler Whose request carries it.
 * @param name The name of the cookie.
 * @param options `maxAgeMs`: the age in milliseconds from which on it is refused. Default: any age is
 *   accepted.
 * @returns `null` if there is none, or it does not open; see {@linkcode openSealedValue}.
 * @throws {Error} If there is no setting `cookieSecret`.
 *
 * @example
 * ```ts
 * import { Application, getSealedCookie, RequestHandler, sealValue } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Cart extends RequestHandler {
 *   override get() {
 *     this.write(getSealedCookie(this, "cart", { maxAgeMs: 3_600_000 }) ?? "nothing");
 *   }
 * }
 *
 * const cookieSecret = "32 random bytes, in real life";
 * const app = new Application([["/", Cart]], { cookieSecret });
 * const get = async (cookie: string) =>
 *   await (await app.fetch(new Request("http://localhost/", { headers: { cookie } }))).text();
 * assertEquals(await get(`cart=${sealValue(cookieSecret, "cart", "one pear")}`), "one pear");
 * assertEquals(await get("cart=forged"), "nothing");
 * ```
 *
 * @category Cookies and sessions
 */
export function getSealedCookie(
  handler: RequestHandler,
  name: string,
  options: { readonly maxAgeMs?: number } = {},
): string | null {
  const secret = handler.requireSetting("cookieSecret", "sealed cookies");
  served(handler.request).cookiesRead = true;
  return openSealedValue(secret, name, handler.getCookie(name), options);
}
