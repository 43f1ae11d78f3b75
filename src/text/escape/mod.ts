/**
 * The `escape` namespace: what `tornado.escape` holds, and of `tornado.httputil` what applications
 * use of it.
 */
export { xhtmlEscape } from "./xhtml.ts";
export { xhtmlUnescape } from "./xhtml_unescape.ts";
export {
  urlEscape,
  type UrlEscapeOptions,
  urlUnescape,
  urlUnescapeBytes,
  type UrlUnescapeOptions,
} from "./url_escape.ts";
export { jsonDecode, jsonEncode } from "./json.ts";
export { squeeze } from "./squeeze.ts";
export { linkify, type LinkifyOptions } from "./linkify.ts";
export { toUnicode, utf8 } from "./utf8.ts";
export { urlConcat } from "../../http/target/url.ts";
export { parseCookies as parseCookie } from "../../http/fields/cookie.ts";
export { parseQsBytes, type ParseQsBytesOptions } from "./query_string.ts";
