import { html, raw } from "../../text/html_tag.ts";
import { jsonEncode } from "../../text/escape/json.ts";
import { linkify } from "../../text/escape/linkify.ts";
import { squeeze } from "../../text/escape/squeeze.ts";
import { urlEscape } from "../../text/escape/url_escape.ts";
import { xhtmlEscape } from "../../text/escape/xhtml.ts";

/**
 * What every template can name: the escaping functions, in our spelling and in Tornado's, and those
 * globals of JavaScript that compute. What reaches out of the page (`fetch`, `Deno`, `globalThis`)
 * has to be passed in.
 */
export const BUILTINS: Readonly<Record<string, unknown>> = {
  escape: xhtmlEscape,
  xhtmlEscape,
  xhtml_escape: xhtmlEscape,
  urlEscape,
  url_escape: urlEscape,
  jsonEncode,
  json_encode: jsonEncode,
  squeeze,
  linkify,
  html,
  raw,
  Array,
  BigInt,
  Boolean,
  Date,
  Error,
  Infinity,
  Intl,
  JSON,
  Map,
  Math,
  NaN,
  Number,
  Object,
  Promise,
  RangeError,
  RegExp,
  Set,
  String,
  Symbol,
  SyntaxError,
  TypeError,
  URL,
  URLSearchParams,
  decodeURI,
  decodeURIComponent,
  encodeURI,
  encodeURIComponent,
  isFinite,
  isNaN,
  parseFloat,
  parseInt,
};
