const PORT = /^(?:\d{1,5}|_[\w.-]+)$/;

/**
 * Takes the port off an address as proxies write it: `4.4.4.4:4711`, `[2001:db8::1]:4711`, and the
 * node of RFC 7239 §6, whose port may be an obfuscated name. IPv6 without brackets has no port.
 *
 * @returns The address, which is not checked; anything of another form comes back as it is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(addressOfNode("4.4.4.4:4711"), "4.4.4.4");
 * assertEquals(addressOfNode("[2001:db8::1]:4711"), "2001:db8::1");
 * assertEquals(addressOfNode("2001:db8::1"), "2001:db8::1");
 * ```
 */
export function addressOfNode(node: string): string {
  if (node.startsWith("[")) return inBrackets(node) ?? node;
  const colon = node.indexOf(":");
  if (colon === -1 || colon !== node.lastIndexOf(":")) return node;
  return PORT.test(node.slice(colon + 1)) ? node.slice(0, colon) : node;
}

/** Only IPv6 stands in brackets. */
function inBrackets(node: string): string | null {
  const close = node.indexOf("]");
  const address = node.slice(1, close);
  if (close === -1 || !address.includes(":")) return null;
  const rest = node.slice(close + 1);
  return rest === "" || rest.startsWith(":") && PORT.test(rest.slice(1)) ? address : null;
}
