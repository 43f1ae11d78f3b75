/**
 * An IP address as eight groups of 16 bits. An IPv4 address is held in its IPv4-mapped form
 * (`::ffff:a.b.c.d`, RFC 4291 §2.5.5.2), so that both ways to write it are equal.
 */
export type IpAddress = readonly number[];

const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9A-Fa-f]{1,4}$/;
/** The longest text form: an IPv6 address whose last 32 bits are written as IPv4. */
const MAX_LENGTH = 45;
const MAPPED_PREFIX: IpAddress = [0, 0, 0, 0, 0, 0xffff];

/**
 * Tells whether a text is an IPv4 or IPv6 address and nothing else: no port, no brackets, no zone,
 * no spaces, no octets with leading zeros, which are octal to some (`tornado.netutil.is_valid_ip`).
 *
 * @example
 * ```ts
 * import { isValidIp } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isValidIp("127.0.0.1"), true);
 * assertEquals(isValidIp("2620:0:1cfe:face:b00c::3"), true);
 * assertEquals(isValidIp("www.example.com"), false);
 * ```
 *
 * @category Requests and responses
 */
export function isValidIp(text: string): boolean {
  return parseIp(text) !== null;
}

/** Reads an IPv4 or IPv6 address (RFC 4291 §2.2); anything else is `null`. */
export function parseIp(text: string): IpAddress | null {
  if (text.length > MAX_LENGTH) return null;
  if (text.includes(":")) return parseIpv6(text);
  const tail = parseIpv4(text);
  return tail === null ? null : [...MAPPED_PREFIX, ...tail];
}

/** Reads an IPv6 address (RFC 4291 §2.2); anything else, IPv4 included, is `null`. */
export function parseIpv6(text: string): IpAddress | null {
  if (text.length > MAX_LENGTH) return null;
  const halves = text.split("::");
  const [left = "", right] = halves;
  if (right === undefined) {
    const groups = parseGroups(left);
    return groups?.length === 8 ? groups : null;
  }
  if (halves.length > 2) return null;
  const head = left === "" ? [] : parseGroups(left);
  const tail = right === "" ? [] : parseGroups(right);
  // The gap stands for one group at least, and IPv4 may only come at the very end.
  if (head === null || tail === null || left.includes(".")) return null;
  const gap = 8 - head.length - tail.length;
  return gap < 1 ? null : [...head, ...new Array<number>(gap).fill(0), ...tail];
}

/** Tells whether a text is an IPv6 address, without the brackets that stand around it in a URL. */
export function isIpv6(text: string): boolean {
  return parseIpv6(text) !== null;
}

/** Tells whether an address is IPv4, in either way of writing it. */
export function isIpv4(address: IpAddress): boolean {
  return MAPPED_PREFIX.every((group, index) => address[index] === group);
}

/**
 * Names the network that one client holds: an IPv4 address alone, and of an IPv6 address the first 64
 * bits, since every household is given at least so many (RFC 6177).
 *
 * @param text An address. Any other text is its own network.
 */
export function clientNetwork(text: string): string {
  // Without a colon it is IPv4, of which there is one way to write it.
  const address = text.includes(":") ? parseIpv6(text) : null;
  if (address === null) return text;
  if (!isIpv4(address)) return address.slice(0, 4).map((group) => group.toString(16)).join(":");
  const [high = 0, low = 0] = address.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

function parseGroups(text: string): number[] | null {
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (GROUP.test(part)) {
      groups.push(parseInt(part, 16));
      continue;
    }
    const embedded = index === parts.length - 1 ? parseIpv4(part) : null;
    if (embedded === null) return null;
    groups.push(...embedded);
  }
  return groups;
}

function parseIpv4(text: string): [number, number] | null {
  const octets = text.split(".");
  if (octets.length !== 4) return null;
  const [a = 0, b = 0, c = 0, d = 0] = octets.map((octet) => OCTET.test(octet) ? +octet : 256);
  if (Math.max(a, b, c, d) > 255) return null;
  return [a * 256 + b, c * 256 + d];
}
