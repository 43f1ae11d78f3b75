/**
 * Adds arguments to the query of a URL. Tornado's `httputil.url_concat`.
 *
 * What is there is kept as it is written, blank values included (a name alone gets its `=`), and so
 * is the fragment.
 *
 * @param url An absolute or relative URL.
 * @param args An object of strings, or pairs when a name occurs more than once. `null` and
 * `undefined` add nothing.
 * @throws {TypeError} If the arguments are neither.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(urlConcat("/foo?a=b#top", { c: "d e" }), "/foo?a=b&c=d+e#top");
 * assertEquals(urlConcat("/foo", [["c", "d"], ["c", "e"]]), "/foo?c=d&c=e");
 * ```
 *
 * @category Text and languages
 */
export function urlConcat(
  url: string,
  args: Record<string, string> | Iterable<[string, string]> | null | undefined,
): string {
  if (args === null || args === undefined) return url;
  if (typeof args !== "object") {
    throw new TypeError(
      `Cannot add arguments to a URL: they are of type ${typeof args}, not an object or pairs`,
    );
  }
  const added = new URLSearchParams(Symbol.iterator in args ? [...args] : args).toString();
  if (added === "") return url;
  const hash = indexOrEnd(url, "#");
  const mark = indexOrEnd(url.slice(0, hash), "?");
  const query = [...existing(url.slice(mark + 1, hash)), added].join("&");
  return `${url.slice(0, mark)}?${query}${url.slice(hash)}`;
}

function existing(query: string): string[] {
  return query.split("&").filter((pair) => pair !== "")
    .map((pair) => pair.includes("=") ? pair : `${pair}=`);
}

function indexOrEnd(text: string, search: string): number {
  const index = text.indexOf(search);
  return index === -1 ? text.length : index;
}
