/** Whether a request comes from a page of this host. */

/**
 * Tells whether an `Origin` names the host that was asked for, which is what keeps other sites from
 * using the cookies of a visitor (request forgery, WebSocket hijacking).
 *
 * The schemes are not compared: behind a proxy that ends TLS the page's is `https` and the server's
 * is not. A port that is the default of the origin's scheme may be left out.
 *
 * @param origin The value of the `Origin` header.
 * @param host The host that was asked for, with its port.
 *
 * @example
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isSameOrigin("https://example.com", "example.com:443"));
 * assertFalse(isSameOrigin("https://evil.example", "example.com"));
 * assertFalse(isSameOrigin("null", "example.com"));
 * ```
 */
export function isSameOrigin(origin: string, host: string): boolean {
  const page = parse(origin);
  if (page === null || page.username !== "" || page.password !== "") return false;
  return page.host === parse(`${page.protocol}//${host}`)?.host;
}

function parse(text: string): URL | null {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "http:" || url.protocol === "https:") ? url : null;
}
