import { excerpt } from "../excerpt.ts";
import { parameterValue } from "../fields/extended_parameter.ts";
import { isToken, trimWhitespace } from "../fields/field.ts";
import { malformed } from "./multipart_error.ts";
import { readParameters } from "../fields/content_type.ts";
import { decodeUtf8 } from "../input_error.ts";

/** What a part of `multipart/form-data` says of itself (RFC 7578 §4.2). */
export interface MultipartPart {
  /** The name of the form's field; never empty. */
  readonly name: string;
  /**
   * The file's name as the client gave it, or `null` for a field that is not a file. It may hold
   * slashes and dots: never use it as a path.
   */
  readonly filename: string | null;
  /** The `Content-Type` of the part, or `null`. */
  readonly contentType: string | null;
  /** All headers of the part, names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

// deno-lint-ignore no-control-regex -- what a header must not hold
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Reads the headers of one part.
 *
 * Lines end with CR LF, are UTF-8, are not folded and occur once; other control characters than tab
 * are refused, in a decoded `filename*` too. `filename*` (RFC 5987) goes before `filename*0` and so on
 * (RFC 2231), and both before `filename`; so it is with `name`. A part with an empty `filename` is a field, which is what browsers send for a file input left empty.
 *
 * @param block The lines, without the empty one that ends them.
 * @throws {HTTPInputError} (400) If they are malformed, or do not name a field.
 */
export function parsePart(block: Uint8Array): MultipartPart {
  const headers = parseHeaders(decodeUtf8(block, "the headers of a multipart part"));
  const { name, filename } = parseDisposition(headers.get("content-disposition") ?? "");
  if (!name) throw malformed("a part has no name");
  return {
    name,
    filename: filename || null,
    contentType: headers.get("content-type") ?? null,
    headers,
  };
}

function parseHeaders(block: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of block.split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    const value = trimWhitespace(line.slice(colon + 1));
    if (!isToken(name)) throw malformed(`${excerpt(line)} is not a header`);
    if (CONTROL.test(value)) throw malformed(`header "${name}" contains a control character`);
    if (headers.has(name)) throw malformed(`header "${name}" occurs twice in a part`);
    headers.set(name, value);
  }
  return headers;
}

interface Disposition {
  readonly name: string | undefined;
  readonly filename: string | undefined;
}

function parseDisposition(header: string): Disposition {
  const parameters = new Map<string, string>();
  const isWellFormed = readParameters(header, (name, value) => {
    if (parameters.has(name)) throw malformed(`parameter ${excerpt(name)} occurs twice in a part`);
    parameters.set(name, value);
  });
  const type = trimWhitespace(header.split(";", 1)[0] ?? "").toLowerCase();
  if (type !== "form-data" || !isWellFormed) {
    throw malformed(`${excerpt(header)} is not a Content-Disposition of form-data`);
  }
  return {
    name: parameterValue(parameters, "name"),
    filename: parameterValue(parameters, "filename"),
  };
}
