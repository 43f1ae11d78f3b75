/** Header fields on their way through. */
import { dropUnsafeFields, trimWhitespace } from "../http/fields/field.ts";
import type { HTTPServerRequest } from "../web/request/http_server_request.ts";
import { served } from "../web/request/served_request.ts";

/** Fields of one connection, which end with it (RFC 9110 §7.6.1), and those of bodies as they were. */
const HOP_BY_HOP: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** What a client could say of itself, and this side says. */
const OURS = /^(?:forwarded|x-forwarded-.+|x-real-ip|x-scheme)$/;

/** The handshake is one of two connections, each with its own. */
const HANDSHAKE: readonly string[] = [
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-protocol",
  "sec-websocket-version",
];

/** What else the fields of a request depend on. */
export interface RequestFieldOptions {
  /** What is set in the end, whatever came. */
  readonly own: Readonly<Record<string, string>>;
  /** Whether the `Host` stays as it came. */
  readonly preserveHost: boolean;
}

/**
 * The fields that a request is passed on with.
 *
 * @param request The request.
 */
export function requestFields(
  request: HTTPServerRequest,
  { own, preserveHost }: RequestFieldOptions,
): Headers {
  const before = request.header("x-forwarded-for");
  const fields = endToEnd(request.headers);
  for (const name of [...HANDSHAKE, "host", "content-length", "expect"]) fields.delete(name);
  dropClaims(fields, own);
  if (preserveHost) fields.set("host", request.host);
  const peer = request.connection.remoteAddr?.hostname ?? request.remoteIp;
  // What a client says itself is believed no more than this server does.
  const { xheaders, decompressRequest } = served(request).server;
  if (decompressRequest) fields.delete("content-encoding");
  const trusted = xheaders !== false && before !== null;
  fields.set("x-forwarded-for", trusted ? `${before}, ${peer}` : peer);
  fields.set("x-forwarded-host", request.host);
  fields.set("x-forwarded-proto", request.protocol);
  fields.set("x-real-ip", request.remoteIp);
  // The runtime decodes what it can, unless this alone is accepted: a body has to stay as it came.
  fields.set("accept-encoding", "identity");
  // The runtime would name itself for a client that does not tell.
  if (!fields.has("user-agent")) fields.set("user-agent", "");
  for (const [name, value] of Object.entries(own)) fields.set(name, value);
  return fields;
}

/**
 * What looks like a field that this side sets. Servers that speak CGI or WSGI read `X_Real_Ip` and
 * `X-Real-Ip` as one.
 */
function dropClaims(fields: Headers, own: Readonly<Record<string, string>>): void {
  const set = new Set(Object.keys(own).map(dashed));
  for (const name of [...fields.keys()]) {
    if (OURS.test(dashed(name)) || set.has(dashed(name))) fields.delete(name);
  }
}

function dashed(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

/**
 * The fields that a response is passed on with.
 *
 * @param fields Those that came.
 */
export function responseFields(fields: Headers): Headers {
  const passed = endToEnd(fields);
  // It names ports of the server behind.
  passed.delete("alt-svc");
  dropUnsafeFields(passed);
  return passed;
}

function endToEnd(fields: Headers): Headers {
  const passed = new Headers(fields);
  const named = (fields.get("connection") ?? "").split(",").map(trimWhitespace);
  for (const name of [...HOP_BY_HOP, ...named]) {
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) passed.delete(name);
  }
  return passed;
}
