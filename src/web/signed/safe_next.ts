/** Where a visitor may be sent on to by a URL that the visitor brought along. */

/**
 * What {@linkcode safeNext} accepts.
 *
 * @category Log-in
 */
export interface SafeNextOptions {
  /** What stands in for a target that is not safe. It is not checked. Default `"/"`. */
  readonly default?: string | undefined;
  /**
   * The origin of this site, such as `"https://site.example"`: absolute URLs of it are accepted, too,
   * and cut down to their path. Default none.
   */
  readonly origin?: string | undefined;
}

/** Longer than any page that someone comes back to, and shorter than what fits into a header. */
const LONGEST = 8_192;
/** How often a target is decoded to see where it leads; who needs more has something to hide. */
const MAX_DECODINGS = 4;
/** Any site will do to see whether a path leaves it. */
const BASE = "https://site.invalid";

/**
 * The target of a redirect that came with the request, such as the argument `next` of a login page;
 * the default if it could lead to another site (an open redirect, CWE-601).
 *
 * A target is a path from the root, with its query: `/page?x=1`. What browsers read as another site
 * is refused, however it is disguised: `//host`, `/\host`, control characters, dot segments, and
 * percent escapes that only a server further on would decode. So is what is no text, too long, or
 * relative.
 *
 * @param next The target, as it came.
 * @returns The target itself, or the default.
 * @throws {TypeError} If `origin` is no `http` or `https` URL.
 *
 * @example
 * ```ts
 * import { safeNext } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * // In a handler: this.redirect(safeNext(this.getArgument("next", "/")));
 * assertEquals(safeNext("/inbox?page=2"), "/inbox?page=2");
 * assertEquals(safeNext("//evil.example"), "/");
 * assertEquals(safeNext("javascript:alert(1)", { default: "/home" }), "/home");
 *
 * const origin = "https://site.example";
 * assertEquals(safeNext("https://site.example/inbox", { origin }), "/inbox");
 * assertEquals(safeNext("https://evil.example/inbox", { origin }), "/");
 * ```
 *
 * @category Log-in
 */
export function safeNext(next: unknown, options: SafeNextOptions = {}): string {
  const { default: fallback = "/", origin } = options;
  const site = origin === undefined ? null : originOf(origin);
  if (typeof next !== "string" || next.length > LONGEST || CONTROL.test(next)) return fallback;
  const target = next.startsWith("/") ? next : pathWithin(site, next);
  return target !== null && staysOnSite(target) ? target : fallback;
}

// deno-lint-ignore no-control-regex -- browsers drop some of them, and so join what they parted
const CONTROL = /[\x00-\x1f\x7f]/;
/** An ASCII character in its escaped form. */
const ESCAPE = /%([0-7][0-9a-f])/gi;
/** An absolute URL without a backslash before its query, which not every parser takes for a slash. */
const ABSOLUTE = /^https?:\/\/[^/\\?#][^\\?#]*(?:[?#]|$)/i;
/** A beginning of two bytes that stand for one ASCII character, which UTF-8 forbids. */
const OVERLONG = /%c[01]%/i;

/** The path of an absolute URL of the site; `null` if it is of another one, or no such URL. */
function pathWithin(site: string | null, url: string): string | null {
  if (site === null || !ABSOLUTE.test(url)) return null;
  const parsed = URL.parse(url);
  if (parsed === null || parsed.origin !== site) return null;
  if (parsed.username !== "" || parsed.password !== "") return null;
  return parsed.pathname + parsed.search + parsed.hash;
}

function staysOnSite(target: string): boolean {
  let path = /^[^?#]*/.exec(target)?.[0] ?? "";
  if (path.includes("\\") || OVERLONG.test(path)) return false;
  for (let decodings = 0; decodings <= MAX_DECODINGS; decodings++) {
    if (CONTROL.test(path) || leavesSite(path)) return false;
    const decoded = path.replace(ESCAPE, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    if (decoded === path) return true;
    path = decoded;
  }
  return false;
}

/** Whether a path is one of another site, or becomes one without its dot segments. */
function leavesSite(path: string): boolean {
  // An escaped "?" is a character of the path like any other.
  const url = URL.parse(path.replace(/[?#]/g, "_"), BASE);
  return url === null || url.origin !== BASE || url.pathname.startsWith("//");
}

function originOf(origin: string): string {
  const url = URL.parse(origin);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.origin;
  throw new TypeError(
    `Cannot compare with the origin ${JSON.stringify(origin)}: it is no http or https URL`,
  );
}
