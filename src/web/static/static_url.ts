/** URLs of static files. */

/**
 * The URL of a static file.
 *
 * @param prefix What all of them begin with.
 * @param path The path of the file, with `/` between its parts, not percent-encoded.
 * @param version What stands behind `?v=`; `null` for none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(staticUrl("/static/", "a b.txt", "1x"), "/static/a%20b.txt?v=1x");
 * ```
 */
export function staticUrl(prefix: string, path: string, version: string | null): string {
  const url = prefix + encodePath(path);
  return version ? `${url}?v=${encodeURIComponent(version)}` : url;
}

/** The path as it stands in a URL, `/` kept. */
function encodePath(path: string): string {
  return encodeURI(path.toWellFormed()).replace(/[?#]/g, encodeURIComponent);
}
