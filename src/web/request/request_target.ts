/** Where the target of a request begins in its URL, and whether the `Host` before it is valid. */
import { excerpt } from "../../http/excerpt.ts";
import { isValidHost } from "../../http/target/host.ts";
import type { ServerContext } from "../../server/server_context.ts";

const SLASH = 0x2f;

/**
 * Where the path begins in a URL of the origin that is known; -1 in any other.
 *
 * The runtime puts a URL together from the text of `Host` and of the target. With one slash after the
 * authority, that slash is where the target begins, and what stands before it is all of `Host`: so if
 * that is the valid one of the last request, nothing can be smuggled in, and `Host` need not be read,
 * which costs as much as all of the routing.
 */
export function startAfterOrigin(url: string, origin: string | null): number {
  // `startsWith` takes three times as long.
  return origin !== null && url.slice(0, origin.length) === origin ? origin.length - 1 : -1;
}

/**
 * Where the path begins. The text of `Host` stands in the URL as the client sent it, so only a valid
 * one tells; a target in the absolute form has an authority of its own.
 */
export function startOfPath(url: string, host: string | null, server: ServerContext): number {
  const authority = url.indexOf("://") + 3;
  if (host !== null && url.startsWith(host, authority)) {
    const start = authority + host.length;
    if (url.charCodeAt(start) === SLASH) {
      server.validOrigin = url.slice(0, start + 1);
      return start;
    }
  }
  const length = url.slice(authority).search(/[/?#]/);
  return length === -1 ? url.length : authority + length;
}

/** Whether a `Host` is valid. The last one that is stands for what the next requests bring. */
export function acceptHost(server: ServerContext, host: string): boolean {
  if (host === server.validHost) return true;
  if (!isValidHost(host)) return false;
  server.validHost = host;
  server.validOrigin = null;
  return true;
}

/** What is wrong with a `Host` that is not. */
export function malformedHost(host: string): string {
  return `Malformed Host header ${excerpt(host)}`;
}
