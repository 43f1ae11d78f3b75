import { isWhitespace, trimWhitespace } from "./field.ts";

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
  return { type: mediaTypeOf(header), parameters };
}

/** Type and subtype of a `Content-Type` header in lower case, without its parameters. */
export function mediaTypeOf(header: string): string {
  const end = header.indexOf(";");
  return trimWhitespace(end === -1 ? header : header.slice(0, end)).toLowerCase();
}

/**
 * Tells whether a media type is JSON: `application/json`, or anything ending in `+json`
 * (RFC 6839 §3.1).
 *
 * @param type Type and subtype in lower case, as {@linkcode mediaTypeOf} gives it.
 */
export function isJson(type: string): boolean {
  return type === "application/json" || type.endsWith("+json");
}

/**
 * Reads the parameters behind the first `;` of a header such as `Content-Type` or
 * `Content-Disposition` (RFC 9110 §5.6.6), in linear time.
 *
 * A value is a token, in which anything but `;` is let through, or a quoted string. In a quoted
 * string a backslash escapes a quote or a backslash and stands for itself before anything else, so
 * that `filename="C:\x.txt"` from an old browser survives. Parameters without `=` are skipped.
 *
 * @param source The whole header.
 * @param visit Called for every parameter, with its name in lower case.
 * @returns Whether the parameters are well formed. If not, those before the fault were visited.
 */
export function readParameters(
  source: string,
  visit: (name: string, value: string) => void,
): boolean {
  let index = source.indexOf(";");
  while (index !== -1 && index < source.length) {
    const start = index + 1;
    const equals = nameEnd(source, start);
    if (source[equals] !== "=") {
      index = equals;
      continue;
    }
    const name = trimWhitespace(source.slice(start, equals)).toLowerCase();
    const value = readValue(source, equals + 1);
    if (value === null) return false;
    visit(name, value.text);
    index = value.end;
  }
  return true;
}

interface ParameterValue {
  readonly text: string;
  /** Where the `;` behind it is, or the length of the source. */
  readonly end: number;
}

function nameEnd(source: string, start: number): number {
  let index = start;
  while (index < source.length && source[index] !== "=" && source[index] !== ";") index++;
  return index;
}

function readValue(source: string, from: number): ParameterValue | null {
  const start = skipWhitespace(source, from);
  if (source[start] === '"') return readQuoted(source, start + 1);
  const found = source.indexOf(";", start);
  const end = found === -1 ? source.length : found;
  return { text: trimWhitespace(source.slice(start, end)), end };
}

function readQuoted(source: string, start: number): ParameterValue | null {
  let text = "";
  let copied = start;
  for (let index = start; index < source.length; index++) {
    const character = source[index];
    if (character === '"') {
      text += source.slice(copied, index);
      const end = skipWhitespace(source, index + 1);
      return end === source.length || source[end] === ";" ? { text, end } : null;
    }
    if (character === "\\" && (source[index + 1] === '"' || source[index + 1] === "\\")) {
      text += source.slice(copied, index);
      copied = ++index;
    }
  }
  return null;
}

function skipWhitespace(source: string, start: number): number {
  let index = start;
  while (isWhitespace(source.charCodeAt(index))) index++;
  return index;
}
