import { trimWhitespace } from "./field.ts";
import { readParameters } from "./parameters.ts";

/** A media type and its parameters (RFC 9110 §8.3.1). */
export interface ContentType {
  /** Type and subtype in lower case: `"text/html"`. */
  readonly type: string;
  /** The parameters, names in lower case, in an object without a prototype. */
  readonly parameters: Record<string, string>;
}

/**
 * Reads a `Content-Type` header in linear time. It never fails: what follows a malformed parameter
 * is ignored, and so is a parameter that was there before.
 *
 * @param header The value of the header.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { type, parameters } = parseContentType('Multipart/Form-Data; boundary="a b"');
 * assertEquals(type, "multipart/form-data");
 * assertEquals(parameters.boundary, "a b");
 * ```
 */
export function parseContentType(header: string): ContentType {
  const parameters: Record<string, string> = Object.create(null);
  readParameters(header, (name, value) => {
    if (!(name in parameters)) parameters[name] = value;
  });
  const end = header.indexOf(";");
  const type = trimWhitespace(end === -1 ? header : header.slice(0, end)).toLowerCase();
  return { type, parameters };
}

/**
 * Tells whether a media type is JSON: `application/json`, or anything ending in `+json`
 * (RFC 6839 §3.1).
 *
 * @param type Type and subtype in lower case, as {@linkcode parseContentType} gives it.
 */
export function isJson(type: string): boolean {
  return type === "application/json" || type.endsWith("+json");
}
