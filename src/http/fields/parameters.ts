import { isWhitespace, trimWhitespace } from "./field.ts";

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
