/** Where a request is passed on to. */
import { shown } from "../checks/shown.ts";

/** What a target is told. */
export interface UpstreamOptions {
  /** The beginning of its URLs. */
  readonly target: string;
  /** What the path of a request loses at its beginning. */
  readonly stripPrefix?: string | undefined;
}

/**
 * A part of a path that leads back, in any spelling that a server may read as one: `..`, `%2e%2e`,
 * `..%2f`, `..;`.
 */
const LEADS_BACK = /(?:^|\/|%2f|%5c)(?:\.|%2e){1,2}(?:$|[\/;]|%2f|%5c)/i;
/**
 * What a URL cannot have, or reads as something else: `\` as `/`, and some of it not at all. At `%00`
 * some servers take a path to end: `..%00` leads back there.
 */
const FORBIDDEN = /[\\\0-\x20\x7f]|%00/;

/** The server behind, and the way from a path here to a URL there. */
export class UpstreamUrl {
  /** The scheme and the authority. */
  readonly origin: string;
  /** Name and port. */
  readonly host: string;
  /** What comes before every path there, without a slash at its end. */
  readonly #base: string;
  /** What is in its place here, without a slash at its end. */
  readonly #prefix: string;

  /**
   * Reads a target.
   *
   * @throws {TypeError} If the target is no URL of a server, or the prefix is no path.
   */
  constructor({ target, stripPrefix = "" }: UpstreamOptions) {
    const url = URL.parse(target);
    if (url === null || !isTarget(url)) {
      throw new TypeError(
        `Cannot pass requests on to ${hidden(target)}: expected http: or https:, a host, and ` +
          'perhaps a port and a path, such as "http://127.0.0.1:3000"',
      );
    }
    if (stripPrefix !== "" && !stripPrefix.startsWith("/")) {
      throw new TypeError(
        `Cannot strip the prefix ${shown(stripPrefix)}: expected a path, such as "/api"`,
      );
    }
    this.origin = url.origin;
    this.host = url.host;
    this.#base = url.pathname.replace(/\/$/, "");
    this.#prefix = stripPrefix.replace(/\/$/, "");
  }

  /**
   * The URL of a request there.
   *
   * @param path The path as it came: nothing is decoded.
   * @param query The query, without its `?`.
   * @returns `null` if the path could lead to anything but a place below the target.
   */
  of(path: string, query: string): string | null {
    if (FORBIDDEN.test(path) || LEADS_BACK.test(path)) return null;
    const rest = withoutPrefix(path, this.#prefix);
    if (rest === null) return null;
    const url = `${this.origin}${this.#base}${rest}${query === "" ? "" : `?${query}`}`;
    // Whatever a path looks like, it follows the authority.
    return URL.parse(url)?.origin === this.origin ? url : null;
  }

  /**
   * Where a redirection from there leads, seen from here.
   *
   * @param location The value of `Location`.
   */
  back(location: string): string {
    const path = location.startsWith(`${this.origin}/`)
      ? location.slice(this.origin.length)
      : location;
    // Two slashes at the start name another host.
    if (!path.startsWith("/") || path.startsWith("//")) return location;
    const rest = withoutPrefix(path, this.#base);
    return rest === null ? path : this.#prefix + rest;
  }
}

function isTarget({ protocol, username, password, search, hash, hostname }: URL): boolean {
  return /^https?:$/.test(protocol) && hostname !== "" &&
    username + password + search + hash === "";
}

/** An address may hold a password. */
function hidden(target: string): string {
  return shown(target.replace(/\/\/[^/?#]*@/, "//"));
}

/** What follows a prefix that ends where a part of the path does; `null` if it is another. */
function withoutPrefix(path: string, prefix: string): string | null {
  if (prefix === "") return path;
  if (!path.startsWith(prefix)) return null;
  const rest = path.slice(prefix.length);
  if (rest.startsWith("/")) return rest;
  return rest === "" || rest.startsWith("?") ? `/${rest}` : null;
}
