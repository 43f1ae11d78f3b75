/** The cookies of a client (RFC 6265 §5.3 and §5.4). */
import { type CookieAttributes, parseCookies, serializeCookie } from "../../http/fields/cookie.ts";
import { parseHttpDate } from "../../http/fields/http_date.ts";
import type { CookieJar } from "../../client/cookie_jar.ts";

/**
 * A cookie as a client keeps it.
 *
 * @category Testing
 */
export interface TestCookie {
  /** Its name. */
  readonly name: string;
  /** Its value, unquoted. */
  readonly value: string;
  /** The host that gets it. */
  readonly domain: string;
  /** Whether that is this host alone, and no subdomain of it. */
  readonly hostOnly: boolean;
  /** The path under which it is sent. */
  readonly path: string;
  /** When it ends, in milliseconds since the epoch; `Infinity` for the end of the session. */
  readonly expires: number;
  /** Whether it is sent over HTTPS only. */
  readonly secure: boolean;
  /** Whether scripts cannot read it. */
  readonly httpOnly: boolean;
  /** Which requests of other sites carry it, as it was written; `null` if that was not said. */
  readonly sameSite: string | null;
}

/** A cookie and its value as it was sent. */
interface KeptCookie extends TestCookie {
  readonly raw: string;
}

/**
 * Keeps the cookies of a test's client, as a browser does: domain, path, `Secure`, `Max-Age` and
 * `Expires` count. `SameSite` does not, since no other site is involved. It is a `CookieJar` of
 * `AsyncHTTPClient`, too.
 *
 * @example
 * ```ts
 * import { TestCookies } from "@gustnado/gustnado/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const cookies = new TestCookies("http://localhost/");
 * cookies.setCookie("theme=dark; Path=/; HttpOnly", "http://localhost/settings");
 * cookies.set("language", "ar");
 * assertEquals(cookies.get("theme"), "dark");
 * assertEquals(cookies.getCookieString("http://localhost/"), "theme=dark; language=ar");
 * ```
 *
 * @category Testing
 */
export class TestCookies implements CookieJar, Iterable<TestCookie> {
  readonly #url: string;
  readonly #kept = new Map<string, KeptCookie>();

  /**
   * Keeps none yet.
   *
   * @param url Where cookies come from that a test sets by itself.
   */
  constructor(url: string) {
    this.#url = url;
  }

  /** The value of a cookie, whichever its path; `null` if there is none. */
  get(name: string): string | null {
    return this.#find(name)?.value ?? null;
  }

  /** Whether there is a cookie of the name. */
  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /**
   * Sets a cookie, as if the application had.
   *
   * @param attributes Its attributes; the path `/` unless given.
   * @throws {TypeError} If it cannot be sent.
   */
  set(name: string, value: string, attributes: CookieAttributes = {}): void {
    this.setCookie(serializeCookie(name, value, { path: "/", ...attributes }), this.#url);
  }

  /** Forgets the cookies of a name. Returns whether there was one. */
  delete(name: string): boolean {
    const found = [...this.#kept].filter(([, cookie]) => cookie.name === name);
    for (const [key] of found) this.#kept.delete(key);
    return found.length > 0;
  }

  /** Forgets all cookies, as a browser that begins anew. */
  clear(): void {
    this.#kept.clear();
  }

  /** Takes a copy of the cookies of another client, as a thief, or a second tab. */
  copyFrom(other: TestCookies): void {
    for (const [key, cookie] of other.#kept) this.#kept.set(key, cookie);
  }

  /** All cookies that have not ended, the oldest first. */
  *[Symbol.iterator](): IterableIterator<TestCookie> {
    for (const { raw: _, ...cookie } of this.#alive()) yield cookie;
  }

  /** The value of `Cookie` for a URL, the cookies of longer paths first; empty if there is none. */
  getCookieString(url: string): string {
    const to = new URL(url);
    const { hostname, pathname } = to;
    return this.#alive()
      .filter((cookie) => (isSecure(to) || !cookie.secure) && isForHost(cookie, hostname))
      .filter(({ path }) => isUnder(path, pathname))
      .sort((one, other) => other.path.length - one.path.length)
      .map(({ name, raw }) => name === "" ? raw : `${name}=${raw}`).join("; ");
  }

  /** Takes the value of a `Set-Cookie` that came from a URL. What a browser refuses is ignored. */
  setCookie(line: string, url: string): void {
    const cookie = readCookie(line, new URL(url));
    if (cookie === null) return;
    const key = [cookie.domain, cookie.path, cookie.name].join(";");
    if (cookie.expires <= Date.now()) this.#kept.delete(key);
    else this.#kept.set(key, cookie);
  }

  /** Takes what a response sets. */
  keep(headers: Headers, url: string): void {
    for (const line of headers.getSetCookie()) this.setCookie(line, url);
  }

  #find(name: string): KeptCookie | undefined {
    return this.#alive().findLast((cookie) => cookie.name === name);
  }

  #alive(): KeptCookie[] {
    const now = Date.now();
    return [...this.#kept.values()].filter(({ expires }) => expires > now);
  }
}

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** What `Secure` asks for. Browsers trust this machine without TLS, too. */
function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || protocol === "wss:" || LOOPBACK.has(hostname);
}

function isForHost({ domain, hostOnly }: TestCookie, host: string): boolean {
  return host === domain || !hostOnly && host.endsWith(`.${domain}`);
}

/** RFC 6265 §5.1.4. */
function isUnder(path: string, pathname: string): boolean {
  return pathname === path ||
    pathname.startsWith(path) && (path.endsWith("/") || pathname[path.length] === "/");
}

/** Reads a `Set-Cookie`; `null` for one that a browser refuses. */
function readCookie(line: string, url: URL): KeptCookie | null {
  const [pair = "", ...rest] = line.split(";");
  const [name, raw] = splitAt(pair, "=") ?? ["", pair.trim()];
  const attributes = new Map(rest.map((part) => {
    const [key, value] = splitAt(part, "=") ?? [part.trim(), ""];
    return [key.toLowerCase(), value];
  }));
  const domain = (attributes.get("domain") ?? "").replace(/^\./, "").toLowerCase();
  const hostOnly = domain === "";
  const path = attributes.get("path") ?? "";
  const cookie = {
    name,
    raw,
    value: parseCookies(`x=${raw}`)["x"] ?? "",
    domain: domain || url.hostname,
    hostOnly,
    path: path.startsWith("/") ? path : defaultPath(url.pathname),
    expires: expiryOf(attributes),
    secure: attributes.has("secure"),
    httpOnly: attributes.has("httponly"),
    sameSite: attributes.get("samesite") ?? null,
  };
  return isForHost(cookie, url.hostname) && keepsPrefix(cookie, url) ? cookie : null;
}

function splitAt(text: string, separator: string): [string, string] | null {
  const at = text.indexOf(separator);
  return at === -1 ? null : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** The folder of the page (RFC 6265 §5.1.4). */
function defaultPath(pathname: string): string {
  return pathname.slice(0, Math.max(1, pathname.lastIndexOf("/")));
}

function expiryOf(attributes: ReadonlyMap<string, string>): number {
  const maxAge = attributes.get("max-age") ?? "";
  if (/^-?\d+$/.test(maxAge)) return Date.now() + Number(maxAge) * 1000;
  const date = parseHttpDate(attributes.get("expires") ?? "");
  return date === null ? Infinity : Number(date);
}

/** Cookies that are not what their names promise are dropped, and `Secure` ones that came by HTTP. */
function keepsPrefix(cookie: KeptCookie, url: URL): boolean {
  const { name, secure, hostOnly, path } = cookie;
  if (secure && !isSecure(url)) return false;
  if (name.startsWith("__Host-")) return secure && hostOnly && path === "/";
  return secure || !name.startsWith("__Secure-");
}
