/** Names of this machine that no stranger can take. */
import { isValidIp } from "../../http/target/ip_address.ts";
import type { HTTPServerRequest } from "../request/http_server_request.ts";

/** What ends in these is never a name on the Internet (RFC 6761, RFC 6762, RFC 8375, and ICANN's). */
const RESERVED = /\.(?:localhost|local|test|internal|home\.arpa)$/;

/**
 * Whether a request names a host that cannot be a stranger's: an address, a name without a dot, or one
 * of a domain that is kept for such. A stranger's page can have a name of its own lead to this machine,
 * and read what is answered (DNS rebinding).
 */
export function isForOwnHost({ raw, connection }: HTTPServerRequest): boolean {
  // What is asked for in process comes from no page.
  return connection.remoteAddr === undefined || isOwnHost(URL.parse(raw.url)?.hostname ?? "");
}

/** Whether a name, or an address, cannot be a stranger's. */
export function isOwnHost(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  return isValidIp(name) || !/[.:]/.test(name) && name !== "" || RESERVED.test(name);
}
