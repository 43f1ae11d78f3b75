import { excerpt } from "./excerpt.ts";
import { HTTPInputError } from "./input_error.ts";
import { percentDecode, percentDecodeBytes } from "./percent.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Names and their values in the order they came, in an object without a prototype. */
export type Fields = Record<string, string[]>;

/** Options of {@linkcode parseUrlEncoded}. */
export interface FormOptions {
  /** How many fields are read before the form is refused. Default 1,000. */
  readonly maxFields?: number | undefined;
  /** Whether fields with an empty value are kept. Default true, as in Tornado. */
  readonly keepBlank?: boolean | undefined;
  /**
   * Turns the bytes of a value into text; the name of the field is given, or `undefined` when the
   * bytes are a name themselves. Default: strict UTF-8.
   */
  readonly decode?: FieldDecoder | undefined;
}

/** Turns the bytes of a field into text. */
export type FieldDecoder = (bytes: Uint8Array, name: string | undefined) => string;

/** What a field's bytes are called in a message. */
export function fieldLabel(name: string | undefined): string {
  return name === undefined ? "the name of an argument" : `argument ${excerpt(name)}`;
}

/**
 * Reads a query or an `application/x-www-form-urlencoded` body: fields are split at `&`, each at its
 * first `=`, a `+` is a space, and a `%` without two hex digits behind it is kept.
 *
 * @param source The query without its `?`, or the bytes of the body.
 * @param options How many fields to read, and how.
 * @throws {HTTPInputError} (400) If there are too many fields, or one is not UTF-8.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { tag, q } = parseUrlEncoded("tag=a&tag=b+c&q=");
 * assertEquals(tag, ["a", "b c"]);
 * assertEquals(q, [""]);
 * ```
 */
export function parseUrlEncoded(source: string | Uint8Array, options: FormOptions = {}): Fields {
  if (options.decode === undefined) {
    const text = typeof source === "string" ? source : decodeOrNull(source);
    if (text !== null) return parseText(text, options);
  }
  const bytes = typeof source === "string" ? new TextEncoder().encode(source) : source;
  return parseBytes(bytes, options);
}

/** Collects fields, and refuses more of them than allowed. */
class FieldCollector {
  readonly fields: Fields = Object.create(null);
  readonly #keepBlank: boolean;
  readonly #maxFields: number;
  #count = 0;

  constructor({ keepBlank = true, maxFields = 1000 }: FormOptions) {
    this.#keepBlank = keepBlank;
    this.#maxFields = maxFields;
  }

  count(): void {
    if (++this.#count > this.#maxFields) {
      throw new HTTPInputError(`Cannot read the form: it has more than ${this.#maxFields} fields`);
    }
  }

  add(name: string, value: string): void {
    if (value === "" && !this.#keepBlank) return;
    const values = this.fields[name];
    if (values === undefined) this.fields[name] = [value];
    else values.push(value);
  }
}

function parseText(source: string, options: FormOptions): Fields {
  const collector = new FieldCollector(options);
  const isPlain = !source.includes("%") && !source.includes("+");
  for (let start = 0; start < source.length;) {
    const found = source.indexOf("&", start);
    const end = found === -1 ? source.length : found;
    if (end > start) {
      collector.count();
      addText(collector, source.slice(start, end), isPlain);
    }
    start = end + 1;
  }
  return collector.fields;
}

function addText(collector: FieldCollector, pair: string, isPlain: boolean): void {
  const equals = pair.indexOf("=");
  const rawName = equals === -1 ? pair : pair.slice(0, equals);
  const rawValue = equals === -1 ? "" : pair.slice(equals + 1);
  if (isPlain) {
    collector.add(rawName, rawValue);
    return;
  }
  const name = decodeText(rawName, undefined);
  collector.add(name, decodeText(rawValue, name));
}

function decodeText(text: string, name: string | undefined): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  return spaced.includes("%") ? percentDecode(spaced, fieldLabel(name)) : spaced;
}

/** The way for bytes that are not UTF-8 as they stand, and for those who decode themselves. */
function parseBytes(source: Uint8Array, options: FormOptions): Fields {
  const collector = new FieldCollector(options);
  const decode = options.decode ?? ((bytes, name) => decodeUtf8(bytes, fieldLabel(name)));
  for (let start = 0; start < source.length;) {
    const end = indexOrEnd(source, "&", start);
    if (end > start) {
      collector.count();
      addBytes(collector, source.subarray(start, end), decode);
    }
    start = end + 1;
  }
  return collector.fields;
}

function addBytes(collector: FieldCollector, pair: Uint8Array, decode: FieldDecoder): void {
  const equals = indexOrEnd(pair, "=", 0);
  const name = decode(unescape(pair.subarray(0, equals)), undefined);
  collector.add(name, decode(unescape(pair.subarray(equals + 1)), name));
}

function unescape(bytes: Uint8Array): Uint8Array {
  return percentDecodeBytes(bytes, { plusIsSpace: true });
}

function indexOrEnd(bytes: Uint8Array, character: string, start: number): number {
  const index = bytes.indexOf(character.charCodeAt(0), start);
  return index === -1 ? bytes.length : index;
}

function decodeOrNull(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
