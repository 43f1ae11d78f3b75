import { excerpt } from "../excerpt.ts";
import { malformed } from "../body/multipart_error.ts";
import { percentDecode } from "../target/percent.ts";

// deno-lint-ignore no-control-regex -- what a header must not hold
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
const EXTENDED = /^(utf-8|iso-8859-1)'[^']*'([^']*)$/i;
/** How a section of a value is named, behind the name: `*0`, or `*0*` where it is encoded. */
const SECTION = /^\*\d/;

/**
 * The value of a parameter that may come in three forms: encoded (`filename*=utf-8''%C3%A1`, RFC
 * 5987), in sections (`filename*0=a; filename*1*=%20b`, RFC 2231 §3 and §4.1), or plain. They go
 * before each other in this order.
 *
 * An encoded value in another charset than UTF-8 and ISO-8859-1 is passed over where there is another
 * form of it.
 *
 * @param parameters All parameters of the header, names in lower case.
 * @param name The parameter, in lower case.
 * @returns The value; `undefined` if there is none in any form.
 * @throws {HTTPInputError} (400) If it cannot be decoded, or sections are missing, come twice or are
 *   numbered in another way.
 */
export function parameterValue(
  parameters: ReadonlyMap<string, string>,
  name: string,
): string | undefined {
  const encoded = parameters.get(`${name}*`);
  const value = encoded === undefined ? undefined : decoded(encoded);
  if (value !== undefined) return value;
  const other = inSections(parameters, name) ?? parameters.get(name);
  if (other === undefined && encoded !== undefined) throw undecodable(name, encoded);
  return other;
}

function inSections(parameters: ReadonlyMap<string, string>, name: string): string | undefined {
  const sections = sectionsOf(parameters, name);
  const [first] = sections;
  if (first === undefined) return undefined;
  if (!sections.some(({ encoded }) => encoded)) return sections.map(({ text }) => text).join("");
  // A character may begin in one section and end in the next, so they are decoded together.
  const whole = sections.map(({ text, encoded }) => encoded ? text : text.replaceAll("%", "%25"));
  const value = first.encoded ? decoded(whole.join("")) : undefined;
  if (value === undefined) throw undecodable(name, first.text);
  return value;
}

interface Section {
  readonly text: string;
  /** Its percent escapes are to be decoded. */
  readonly encoded: boolean;
}

function sectionsOf(parameters: ReadonlyMap<string, string>, name: string): Section[] {
  const sent = [...parameters.keys()]
    .filter((key) => key.startsWith(name) && SECTION.test(key.slice(name.length)));
  const sections: Section[] = [];
  for (let index = 0; index < sent.length; index++) {
    const plain = parameters.get(`${name}*${index}`);
    const text = plain ?? parameters.get(`${name}*${index}*`);
    // One that is there twice, or is numbered in another way, makes another one missing.
    if (text === undefined) throw malformed(`section ${index} of parameter "${name}" is missing`);
    sections.push({ text, encoded: plain === undefined });
  }
  return sections;
}

/** Decodes `charset'language'value` (RFC 5987 §3.2); `undefined` for anything else. */
function decoded(value: string): string | undefined {
  const match = EXTENDED.exec(value);
  if (match === null) return undefined;
  const [, charset = "", encoded = ""] = match;
  const text = charset.toLowerCase() === "utf-8"
    ? percentDecode(encoded, "a parameter of a multipart part")
    : encoded.replace(
      /%([0-9A-Fa-f]{2})/g,
      (_, hex: string) => String.fromCharCode(parseInt(hex, 16)),
    );
  if (CONTROL.test(text)) throw malformed("a parameter contains a control character");
  return text;
}

function undecodable(name: string, value: string): Error {
  return malformed(`parameter "${name}" is not in UTF-8 or ISO-8859-1: ${excerpt(value)}`);
}
