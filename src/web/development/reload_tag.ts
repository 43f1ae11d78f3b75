/** The place of the script that keeps a page fresh. */
import { type Chunk, toBytes } from "../../http/body/chunk.ts";
import { xhtmlEscape } from "../../text/escape/xhtml.ts";
import type { HTTPServerRequest } from "../request/http_server_request.ts";
import { RELOAD_PREFIX, SCRIPT_NAME } from "./reload_script.ts";

/** What the response to a page is, as far as that matters here. */
export interface PageHead {
  /** What it answers. */
  readonly request: HTTPServerRequest;
  /** Gives a field. */
  getHeader(name: string): string | null;
  /** Sets a field. */
  setHeader(name: string, value: string): void;
  /** Takes a field back. */
  clearHeader(name: string): void;
}

/**
 * Puts the script into a whole HTML page that a browser shows; whatever else stays as it is. Such a
 * page is not kept by the browser: it would show an old version again, and load again for ever.
 *
 * @param body The body.
 * @param head Its head, which is changed with it.
 * @param options `version` is that of the page, `nonce` what its policy asks of scripts.
 */
export function withReloadTag(
  body: Chunk,
  head: PageHead,
  { version, nonce }: { readonly version: string; readonly nonce: string },
): Chunk {
  if (!isShown(head)) return body;
  const text = typeof body === "string" ? body : decode(body);
  const place = text === null ? -1 : placeIn(text);
  if (text === null || place === -1) return body;
  const page = text.slice(0, place) + tag(version, nonce) + text.slice(place);
  keepOut(head, page);
  return page;
}

function tag(version: string, nonce: string): string {
  const allowed = nonce && ` nonce="${xhtmlEscape(nonce)}"`;
  const src = RELOAD_PREFIX + SCRIPT_NAME;
  return `<script src="${src}" data-version="${version}"${allowed} defer></script>`;
}

/** A browser says that it wants a page, and where it shows it. Programs that fetch one do not. */
function isShown(head: PageHead): boolean {
  const { request } = head;
  const goal = request.header("sec-fetch-dest") ?? "document";
  return request.method === "GET" && /^(?:document|i?frame)$/.test(goal) &&
    (request.header("accept") ?? "").includes("text/html") &&
    (head.getHeader("content-type") ?? "").startsWith("text/html") &&
    head.getHeader("content-encoding") === null;
}

/** Parts of a page, as some scripts ask for, have no end. */
function placeIn(text: string): number {
  const lower = text.toLowerCase();
  const body = lower.lastIndexOf("</body");
  return body === -1 ? lower.lastIndexOf("</html") : body;
}

function decode(body: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}

function keepOut(head: PageHead, page: string): void {
  if (head.getHeader("content-length") !== null) {
    head.setHeader("Content-Length", String(toBytes(page).length));
  }
  head.clearHeader("Etag");
  head.clearHeader("Last-Modified");
  head.setHeader("Cache-Control", "no-store");
}
