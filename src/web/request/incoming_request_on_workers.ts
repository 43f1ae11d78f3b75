/**
 * What stands in the place of `incoming_request.ts` in the package, for Workers, whose URLs are in their
 * normal form.
 */
import { acceptHost, type IncomingRequest } from "./incoming_request.ts";

export { acceptHost, IncomingRequest, malformedHost } from "./incoming_request.ts";

/** See `incoming_request.ts`. */
export function startOfTarget({ hostField, server }: IncomingRequest, url: string): number {
  const start = Math.max(0, url.indexOf("/", url.indexOf("://") + 3));
  return hostField === null || acceptHost(server, hostField) ? start : ~start;
}
