/** The most characters an IPv6 address has, written out in full with an IPv4 tail. */
const LONGEST_ADDRESS = 45;

/**
 * Whether a text is an IPv4 or IPv6 address as such (`tornado.netutil.is_valid_ip`): no name, no
 * port, no brackets, no zone, and none of the short forms that only some parsers accept.
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
 */
export function isValidIp(text: string): boolean {
  if (text.length > LONGEST_ADDRESS) return false;
  return text.includes(":") ? isIpv6(text) : isIpv4(text);
}

/** Four decimal numbers up to 255. A leading zero is refused: some read it as octal. */
function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 &&
    parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && +part < 256);
}

/** RFC 4291 §2.2: eight groups, one run of zeros as `::`, the last two perhaps as IPv4. */
function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const [left = "", right] = halves;
  const leftGroups = countGroups(left, right === undefined);
  if (right === undefined) return leftGroups === 8;
  // The empty run stands for one group at least.
  return leftGroups + countGroups(right, true) <= 7;
}

/** How many 16-bit groups a part of an address has; more than any address has if it is bad. */
function countGroups(part: string, atEnd: boolean): number {
  if (part === "") return 0;
  const groups = part.split(":");
  const tail = groups.at(-1) ?? "";
  const hasIpv4 = atEnd && tail.includes(".") && isIpv4(tail);
  const hex = hasIpv4 ? groups.slice(0, -1) : groups;
  return hex.every((group) => /^[\da-f]{1,4}$/i.test(group)) ? hex.length + (hasIpv4 ? 2 : 0) : 9;
}
