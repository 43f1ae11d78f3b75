import { isIpv6 } from "./ip_address.ts";

const REG_NAME = /^(?:[A-Za-z0-9\-._~!$&'()*+;=]|%[0-9A-Fa-f]{2})+(?::(\d{0,5}))?$/;
const IP_LITERAL = /^\[([0-9A-Fa-f:.]+)\](?::(\d{0,5}))?$/;
/** A name of 255 characters, a colon and a port. */
const MAX_LENGTH = 261;

/** A host and its port. */
export interface HostAndPort {
  /** The name in lower case; an IPv6 address keeps its brackets. */
  readonly name: string;
  /** The port, or `null` if none is given. */
  readonly port: number | null;
}

/**
 * Tells whether a `Host` header names one host: a name, an IPv4 address or an IPv6 address in
 * brackets, then a port if there is one (RFC 9110 §7.2, RFC 3986 §3.2.2).
 *
 * It is stricter than the grammar: the name must not be empty, and a comma is refused, as that is
 * how two headers look once a proxy has joined them.
 *
 * @example
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isValidHost("example.com:8888"));
 * assert(isValidHost("[::1]:8888"));
 * assertFalse(isValidHost("a.example,b.example"));
 * ```
 */
export function isValidHost(host: string): boolean {
  if (host.length > MAX_LENGTH) return false;
  if (host.startsWith("[")) {
    const match = IP_LITERAL.exec(host);
    return match !== null && isIpv6(match[1] ?? "") && isPort(match[2]);
  }
  const match = REG_NAME.exec(host);
  return match !== null && isPort(match[1]);
}

/**
 * Splits `host[:port]`. Tornado's `httputil.split_host_and_port`.
 *
 * @param host A valid host. Of an invalid one, all that is not clearly a port becomes the name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(splitHostAndPort("Example.com:80"), { name: "example.com", port: 80 });
 * assertEquals(splitHostAndPort("[::1]"), { name: "[::1]", port: null });
 * ```
 */
export function splitHostAndPort(host: string): HostAndPort {
  const colon = host.lastIndexOf(":");
  const digits = host.slice(colon + 1);
  // A colon in front of the last one means an IPv6 address, which has a port behind brackets only.
  const isSplit = colon > 0 && /^\d{0,5}$/.test(digits) && isPort(digits) &&
    (host[colon - 1] === "]" || host.indexOf(":") === colon);
  if (!isSplit) return { name: host.toLowerCase(), port: null };
  return {
    name: host.slice(0, colon).toLowerCase(),
    port: digits === "" ? null : Number(digits),
  };
}

function isPort(digits = ""): boolean {
  return Number(digits) <= 65_535;
}

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
