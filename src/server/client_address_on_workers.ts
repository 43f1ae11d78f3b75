/**
 * What stands in the place of `client_address.ts` in the package, for Workers: the platform tells who
 * the client is, and what proxies say is left alone.
 */
import type { RequestSource } from "./client_address.ts";

export { TrustedProxies } from "./client_address.ts";

const UNKNOWN = "0.0.0.0";

/** Nobody's word is taken. */
export function trustedProxies(): null {
  return null;
}

/** The client's address, as the platform tells it; `"0.0.0.0"` for a `Request` made in the process. */
export function remoteIpOf(source: RequestSource): string {
  const { connection, server: { platform: { clientAddressField: field } } } = source;
  const address = connection?.remoteAddr?.hostname;
  if (address !== undefined || field === undefined) return address ?? UNKNOWN;
  const told = source.header(field) ?? "";
  return /^[\da-f.:]{2,45}$/i.test(told) ? told : UNKNOWN;
}

/** The scheme of the URL, unless a setting tells it. */
export function protocolOf({ server, url }: RequestSource): "http" | "https" {
  return server.protocol ?? (url.startsWith("https:") ? "https" : "http");
}
