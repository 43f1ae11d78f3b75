/** Where a redirect leads, and what goes along. */
import { excerpt } from "../../http/excerpt.ts";
import { HTTPProtocolError } from "../client_error.ts";

/** What is sent: a request, or what a redirect has made of it. */
export interface Hop {
  /** Absolute, without fragment and credentials. */
  readonly url: string;
  /** The method. */
  readonly method: string;
  /** The header fields. */
  readonly fields: Headers | undefined;
  /** Whether the body goes along. */
  readonly sendsBody: boolean;
  /** Whether user, password, cookies and the client's certificate may go along. */
  readonly isTrusted: boolean;
}

const CREDENTIALS = ["authorization", "cookie", "proxy-authorization"];
const CONTENT_FIELDS = [
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
  "transfer-encoding",
];

/** Whether a status is a redirect that can be followed (RFC 9110 §15.4). */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/**
 * The request that a redirect asks for.
 *
 * A 303 turns everything but HEAD into GET, a 301 or 302 turns POST into GET, and then the body and
 * the fields that describe it are dropped. Across origins `Authorization`, `Cookie` and what else
 * proves an identity stays behind, for good: a way back does not bring it back.
 *
 * @param hop What was sent.
 * @param status The status of the answer.
 * @param location The value of its `Location`.
 * @throws {HTTPProtocolError} If the location is not a URL of HTTP.
 */
export function followRedirect(hop: Hop, status: number, location: string): Hop {
  const from = new URL(hop.url);
  const to = target(location, from);
  const isTrusted = hop.isTrusted && to.origin === from.origin;
  const becomesGet = status === 303
    ? hop.method !== "HEAD"
    : status <= 302 && hop.method === "POST";
  const fields = new Headers(hop.fields);
  if (!isTrusted) { for (const name of CREDENTIALS) fields.delete(name); }
  if (becomesGet) { for (const name of CONTENT_FIELDS) fields.delete(name); }
  return {
    url: to.href,
    method: becomesGet ? "GET" : hop.method,
    fields,
    sendsBody: hop.sendsBody && !becomesGet,
    isTrusted,
  };
}

function target(location: string, base: URL): URL {
  // Bytes come as Latin-1: those of UTF-8, which most servers mean, are kept as they are.
  const escaped = location.replace(
    /[\x80-\xff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16)}`,
  );
  const url = URL.parse(escaped, base);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new HTTPProtocolError(
      `Cannot follow a redirect to ${excerpt(location)}: it is not a URL of HTTP`,
    );
  }
  url.hash = "";
  // Credentials that another server makes up are none of the application's.
  url.username = "";
  url.password = "";
  return url;
}
