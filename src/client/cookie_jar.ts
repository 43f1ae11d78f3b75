/** Cookies that outlive a request. */
import { shown } from "../checks/shown.ts";
import { checkFieldValue } from "../http/fields/field.ts";
import type { Hop } from "./attempt/redirect.ts";

/**
 * What keeps cookies: `CookieJar` of the package `tough-cookie` fits as it is.
 *
 * @example
 * ```ts
 * import { AsyncHTTPClient } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 * import { CookieJar } from "tough-cookie";
 *
 * const cookieJar = new CookieJar();
 * using client = new AsyncHTTPClient({
 *   cookieJar,
 *   fetch: () => Promise.resolve(new Response("", { headers: { "Set-Cookie": "theme=dark" } })),
 * });
 * await client.fetch("http://localhost/");
 * assertEquals(await cookieJar.getCookieString("http://localhost/"), "theme=dark");
 * ```
 *
 * @category HTTP client
 */
export interface CookieJar {
  /** The value of `Cookie` for a URL; empty if there is none. */
  getCookieString(url: string): string | PromiseLike<string>;
  /** Takes the value of a `Set-Cookie` that came from a URL. What is wrong with it is ignored. */
  setCookie(cookie: string, url: string, options: { readonly ignoreError: boolean }): unknown;
}

/**
 * The fields of a request with what the jar has for its URL.
 *
 * @throws {TypeError} If that is no text, or cannot be sent.
 */
export async function withCookies(jar: CookieJar, hop: Hop): Promise<Headers> {
  const kept = await jar.getCookieString(hop.url);
  const fields = new Headers(hop.fields);
  const given = fields.get("cookie");
  if (typeof kept !== "string") {
    throw new TypeError(
      `Cannot send the cookies of the jar: getCookieString() gave ${shown(kept)}`,
    );
  }
  checkFieldValue("cookie", kept);
  if (kept !== "") fields.set("cookie", given === null ? kept : `${given}; ${kept}`);
  return fields;
}

/** Puts what a response sets into the jar. */
export async function keepCookies(jar: CookieJar, url: string, headers: Headers): Promise<void> {
  for (const cookie of headers.getSetCookie()) {
    await jar.setCookie(cookie, url, { ignoreError: true });
  }
}
