/** Which URLs of a provider may be used. */
import { parseIp } from "../http/target/ip_address.ts";
import { AuthError } from "./auth_error.ts";

/**
 * Reads a URL of a provider, which has to be `https:`. Codes, tokens and secrets would be open to
 * anyone on the way otherwise; only a provider on the machine itself may do without.
 *
 * @throws {AuthError} If it is no URL, or insecure.
 */
export function secureUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === "https:" || url?.protocol === "http:" && isLoopback(url)) return url;
  const why = url?.protocol === "http:"
    ? "plain http: is for loopback hosts only; use https:"
    : "it is not an https: URL";
  throw new AuthError(`Cannot log in with ${JSON.stringify(text)}: ${why}`, { kind: "insecure" });
}

/** Whether a URL leads to the machine itself. */
export function isLoopback({ hostname }: URL): boolean {
  if (hostname === "localhost" || hostname.endsWith(".localhost")) return true;
  if (hostname === "[::1]") return true;
  // The URL parser has written every spelling of an IPv4 address as four numbers.
  return hostname.startsWith("127.") && parseIp(hostname) !== null;
}
