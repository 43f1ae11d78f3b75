/**
 * The `escape` namespace: what `tornado.escape` holds.
 */
export { xhtmlEscape, xhtmlUnescape } from "./xhtml.ts";
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
