/** Requests for a page, as browsers make them when a link is followed. */
import { acceptWeight } from "../../http/fields/accept.ts";

/** What tells a navigation from a request for a file. */
interface PageRequest {
  readonly method: string;
  readonly path: string;
  header(name: string): string | null;
}

/** Browsers name it when they want a page; scripts and programs accept anything, if they say so. */
const HTML = /(?:^|,)[ \t]*text\/html[ \t]*(?:;|,|$)/i;

/**
 * Whether a browser goes to a page: it asks for HTML by name, and the path does not end like the name
 * of a file. A script or an image that is missing must be missing, and not a page of HTML.
 *
 * @param request The request.
 */
export function isNavigation(request: PageRequest): boolean {
  const { method, path } = request;
  if (method !== "GET" && method !== "HEAD") return false;
  if (path.slice(path.lastIndexOf("/")).includes(".")) return false;
  const accept = request.header("accept");
  return accept !== null && HTML.test(accept) && acceptWeight(accept, "text/html") > 0;
}
