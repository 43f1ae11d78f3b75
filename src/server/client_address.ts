import { excerpt } from "../http/excerpt.ts";
import { trimWhitespace } from "../http/fields/field.ts";
import { addressOfNode, type ForwardedElement, lastForwarded } from "../http/fields/forwarded.ts";
import { type IpAddress, isIpv4, isValidIp, parseIp } from "../http/target/ip_address.ts";
import type { ServerContext } from "./server_context.ts";
import type { ConnectionInfo } from "../platform/platform.ts";

/** How many entries of `X-Forwarded-For` are looked at, from the right. */
const MAX_HOPS = 100;
const MAPPED_BITS = 96;

interface Network {
  readonly address: IpAddress;
  /** How many leading bits make the network, of the 128 of the IPv6 form. */
  readonly bits: number;
}

/**
 * The proxies in front of a server, whose word about a client's address is taken: single addresses
 * and CIDR ranges. An IPv4 address and its IPv4-mapped IPv6 form are the same.
 *
 * @example
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * const proxies = new TrustedProxies(["10.0.0.0/8", "2001:db8::1"]);
 * assert(proxies.has("::ffff:10.1.2.3"));
 * assertFalse(proxies.has("11.0.0.1"));
 * ```
 */
export class TrustedProxies {
  readonly #networks: readonly Network[];

  /**
   * Reads the list.
   *
   * @param entries IPv4 and IPv6 addresses, and ranges such as `"10.0.0.0/8"`.
   * @throws {TypeError} If an entry is neither; the message names it.
   */
  constructor(entries: readonly string[]) {
    this.#networks = entries.map(parseNetwork);
  }

  /** Tells whether an address is on the list. What is not an address never is. */
  has(address: string): boolean {
    if (this.#networks.length === 0) return false;
    const parsed = parseIp(address);
    return parsed !== null && this.#networks.some((network) => contains(network, parsed));
  }
}

/** Reads the setting `trustedDownstream`. */
export function trustedProxies(entries: readonly string[]): TrustedProxies | null {
  return new TrustedProxies(entries);
}

/**
 * Finds the client behind the proxies: the last entry of `X-Forwarded-For` that is not a trusted
 * proxy (the first if all are), or `X-Real-Ip` where it is present. Tornado's `xheaders`. An address
 * may have its port behind it, as Azure sends it: `4.4.4.4:4711`, `[2001:db8::1]:4711`.
 *
 * Call it only if a proxy writes these headers: a client can send them too.
 *
 * @param headers The values of `X-Forwarded-For` and `X-Real-Ip`, or `null` where there is none.
 * @param trusted The proxies to skip; `null` for none.
 * @returns A valid IP address, or `null` if the headers give none; the address of the connection is
 * then all that is known. So it is if the last 100 entries are all trusted.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const proxies = new TrustedProxies(["10.0.0.0/8"]);
 * const headers = { forwardedFor: "6.6.6.6, 4.4.4.4, 10.0.0.9", realIp: null };
 * assertEquals(forwardedClient(headers, proxies), "4.4.4.4");
 * ```
 */
export function forwardedClient(
  headers: { readonly forwardedFor: string | null; readonly realIp: string | null },
  trusted: TrustedProxies | null,
): string | null {
  const { forwardedFor, realIp } = headers;
  const address = realIp !== null
    ? addressOfNode(trimWhitespace(realIp))
    : forwardedFor !== null
    ? lastUntrusted(forwardedFor, trusted)
    : "";
  return isValidIp(address) ? address : null;
}

/**
 * Finds the protocol that the client spoke to the proxy: the last entry of `X-Scheme`, or else of
 * `X-Forwarded-Proto`.
 *
 * @returns `null` if there is no such header, or it says anything but `http` or `https`.
 */
export function forwardedProtocol(
  scheme: string | null,
  forwardedProto: string | null,
): "http" | "https" | null {
  const header = scheme ?? forwardedProto ?? "";
  const last = trimWhitespace(header.slice(header.lastIndexOf(",") + 1));
  return last === "http" || last === "https" ? last : null;
}

/** A request, its connection, and the server that it came in on. */
export interface RequestSource {
  /** The URL. */
  readonly url: string;
  /** Reads a header field. */
  header(name: string): string | null;
  /** What the runtime knows of the connection. */
  readonly connection: ConnectionInfo | undefined;
  /** Whose settings say what to believe. */
  readonly server: ServerContext;
}

/**
 * The client's address, as a trusted proxy says where `xheaders` is on; on Workers, as the platform does.
 * `"0.0.0.0"` for a Unix socket and for a `Request` made in the process.
 */
export function remoteIpOf(source: RequestSource): string {
  const { server } = source;
  if (server.xheaders === "forwarded") {
    const node = forwardedElement(source.header("forwarded"), server.trusted)?.for ?? null;
    const address = node === null ? "" : addressOfNode(node);
    if (isValidIp(address)) return address;
  } else if (server.xheaders) {
    const { trusted } = server;
    const forwardedFor = source.header("x-forwarded-for");
    const realIp = source.header("x-real-ip");
    const client = forwardedClient({ forwardedFor, realIp }, trusted);
    if (client !== null) return client;
  }
  return source.connection?.remoteAddr?.hostname ?? addressByRuntime(source) ?? "0.0.0.0";
}

function addressByRuntime(source: RequestSource): string | null {
  const { clientAddressField } = source.server.platform;
  if (clientAddressField === undefined) return null;
  const address = source.header(clientAddressField);
  return address !== null && isAddress(address) ? address : null;
}

/** Whether what a runtime tells is one. */
function isAddress(text: string): boolean {
  return isValidIp(text);
}

/** The scheme, as a trusted proxy says where `xheaders` is on. */
export function protocolOf(source: RequestSource): "http" | "https" {
  const { server } = source;
  if (server.protocol !== undefined) return server.protocol;
  const forwarded = server.xheaders === "forwarded"
    ? forwardedProtocol(
      null,
      forwardedElement(source.header("forwarded"), server.trusted)?.proto ?? null,
    )
    : server.xheaders
    ? forwardedProtocol(
      source.header("x-scheme"),
      source.header("x-forwarded-proto"),
    )
    : null;
  return forwarded ?? (source.url.startsWith("https:") ? "https" : "http");
}

/**
 * Finds what the proxies say of the client in `Forwarded` (RFC 7239): the last element whose `for` is
 * not a trusted proxy, which one of these has written; the first if all are.
 *
 * @param header The value of the field, or `null` where there is none.
 * @param trusted The proxies to skip; `null` for none.
 * @returns `null` if there is none, or the last 100 are all trusted; an element that is malformed has
 *   neither `for` nor `proto`.
 */
export function forwardedElement(
  header: string | null,
  trusted: TrustedProxies | null,
): ForwardedElement | null {
  let end = header?.length ?? 0;
  for (let hop = 0; header !== null && hop < MAX_HOPS; hop++) {
    const element = lastForwarded(header, end);
    const { for: node, start } = element;
    if (start === 0 || node === null || !trusted?.has(addressOfNode(node))) return element;
    end = start - 1;
  }
  return null;
}

function lastUntrusted(forwardedFor: string, trusted: TrustedProxies | null): string {
  let end = forwardedFor.length;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const comma = end === 0 ? -1 : forwardedFor.lastIndexOf(",", end - 1);
    const entry = addressOfNode(trimWhitespace(forwardedFor.slice(comma + 1, end)));
    if (comma === -1 || !trusted?.has(entry)) return entry;
    end = comma;
  }
  return "";
}

function parseNetwork(entry: string): Network {
  const slash = entry.indexOf("/");
  const address = parseIp(slash === -1 ? entry : entry.slice(0, slash));
  if (address === null) throw invalidEntry(entry);
  if (slash === -1) return { address, bits: 128 };
  const width = entry.slice(slash + 1);
  const bits = Number(width) + (entry.includes(":") ? 0 : MAPPED_BITS);
  if (!/^\d{1,3}$/.test(width) || bits > 128) throw invalidEntry(entry);
  return { address, bits };
}

function invalidEntry(entry: string): TypeError {
  return new TypeError(
    `Cannot trust the proxy ${excerpt(entry)}: it is not an IP address or a CIDR range`,
  );
}

function contains({ address, bits }: Network, candidate: IpAddress): boolean {
  // A short IPv6 prefix, such as ::/0, is not meant to take in the IPv4 addresses mapped into it.
  if (bits < MAPPED_BITS && isIpv4(candidate)) return false;
  return address.every((group, index) => {
    const width = Math.min(16, Math.max(0, bits - 16 * index));
    const mask = 0xffff << (16 - width);
    return ((group ^ (candidate[index] ?? 0)) & mask & 0xffff) === 0;
  });
}
