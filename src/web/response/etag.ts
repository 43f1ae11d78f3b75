/** Entity tags (RFC 9110 §8.8.3, §13.1.2). */
import { matchesEtag } from "../../http/fields/conditional.ts";
import { parseHttpDate } from "../../http/fields/http_date.ts";
import { nodeCrypto } from "../../platform/node_builtins.ts";
import { byteLength, type Chunk } from "../../http/body/chunk.ts";
import type { HTTPServerRequest } from "../request/http_server_request.ts";

/** Bytes below which hashing and sending a tag cost more than they save. */
const SMALLEST = 1024;

/**
 * The entity tag of a body: the hash of it, or `null` if the body is smaller than 1 KiB.
 *
 * The hash tells versions apart; it is no protection against forgery.
 */
export function bodyEtag(body: Chunk): string | null {
  if (body.length < SMALLEST && (body.length < SMALLEST / 3 || byteLength(body) < SMALLEST)) {
    return null;
  }
  return `"${nodeCrypto().hash("sha1", body)}"`;
}

/**
 * Whether the client's copy is still good (RFC 9110 §13.2.2): by its entity tags if it sent any, else
 * by the date.
 */
export function isNotModified(
  request: HTTPServerRequest,
  response: { getHeader(name: string): string | null },
): boolean {
  const ifNoneMatch = request.header("if-none-match");
  if (ifNoneMatch !== null) {
    const etag = response.getHeader("etag");
    return etag !== null && matchesEtag(ifNoneMatch, etag);
  }
  return isUnmodified(request, response);
}

function isUnmodified(
  request: HTTPServerRequest,
  response: { getHeader(name: string): string | null },
): boolean {
  const since = request.header("if-modified-since");
  const modified = since === null ? null : response.getHeader("last-modified");
  if (modified === null || since === null) return false;
  const [changed, seen] = [parseHttpDate(modified), parseHttpDate(since)];
  return changed !== null && seen !== null && changed <= seen;
}
