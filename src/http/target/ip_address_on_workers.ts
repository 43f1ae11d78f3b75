/** What stands in the place of `ip_address.ts` in the package, for Workers, whose URLs know addresses, too. */

export * from "./ip_address.ts";

/** See `ip_address.ts`. */
export function isIpv6(text: string): boolean {
  return URL.canParse(`http://[${text}]`);
}
