import { excerpt } from "../excerpt.ts";
import { decodeUtf8, HTTPInputError } from "../input_error.ts";
import { percentDecode, percentDecodeBytes } from "../target/percent.ts";

/**
 * Names and their values in the order they came, in an object without a prototype.
 *
 * @category Requests and responses
 */
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
  return splitUrlEncoded(source, options).all;
}

/** Fields of which each is decoded when it is asked for, whatever they are made of. */
export type FieldSource = Pick<LazyFields<unknown>, "get" | "find" | "all">;

/**
 * As {@linkcode parseUrlEncoded}, but a value is decoded when it is asked for.
 *
 * @param source The query without its `?`, or the bytes of the body.
 * @param options How many fields to read, and how.
 * @throws {HTTPInputError} (400) If there are too many fields.
 */
export function splitUrlEncoded(
  source: string | Uint8Array,
  options: FormOptions = {},
): FieldSource {
  if (options.decode === undefined) {
    const text = typeof source === "string" ? source : decodeOrNull(source);
    if (text !== null) return splitText(text, options);
  }
  const bytes = typeof source === "string" ? new TextEncoder().encode(source) : source;
  return splitBytes(bytes, options);
}

/**
 * Counts fields, and refuses more of them than allowed.
 *
 * @throws {TypeError} If the limit is no number: there would be none.
 */
function fieldCounter({ maxFields = 1000 }: FormOptions): () => void {
  checkLimit("maxFields", maxFields);
  let fields = 0;
  return () => {
    if (++fields <= maxFields) return;
    throw new HTTPInputError(`Cannot read the form: it has more than ${maxFields} fields`);
  };
}

function splitText(source: string, options: FormOptions): FieldSource {
  const isPlain = !source.includes("%") && !source.includes("+");
  const fields = new LazyFields<string>(isPlain ? identity : decodeText);
  const count = fieldCounter(options);
  for (let start = 0; start < source.length;) {
    const found = source.indexOf("&", start);
    const end = found === -1 ? source.length : found;
    if (end > start) {
      count();
      addText(fields, source.slice(start, end), options);
    }
    start = end + 1;
  }
  return fields;
}

function addText(
  fields: LazyFields<string>,
  pair: string,
  { keepBlank = true }: FormOptions,
): void {
  const equals = pair.indexOf("=");
  const value = equals === -1 ? "" : pair.slice(equals + 1);
  if (value === "" && !keepBlank) return;
  fields.add(() => decodeText(equals === -1 ? pair : pair.slice(0, equals), undefined), value);
}

function identity(text: string): string {
  return text;
}

function decodeText(text: string, name: string | undefined): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  return spaced.includes("%") ? percentDecode(spaced, fieldLabel(name)) : spaced;
}

/** The way of {@linkcode splitUrlEncoded} for bytes that are not UTF-8 as they stand, and for those who decode themselves. */
export function splitBytes(source: Uint8Array, options: FormOptions): FieldSource {
  const decode = options.decode ?? ((bytes, name) => decodeUtf8(bytes, fieldLabel(name)));
  const fields = new LazyFields<Uint8Array>((value, name) => decode(unescape(value), name));
  const count = fieldCounter(options);
  for (let start = 0; start < source.length;) {
    const end = indexOrEnd(source, "&", start);
    if (end > start) {
      count();
      addBytes(fields, source.subarray(start, end), { keepBlank: options.keepBlank, decode });
    }
    start = end + 1;
  }
  return fields;
}

function addBytes(
  fields: LazyFields<Uint8Array>,
  pair: Uint8Array,
  { keepBlank = true, decode }: FormOptions & { readonly decode: FieldDecoder },
): void {
  const equals = indexOrEnd(pair, "=", 0);
  const value = pair.subarray(equals + 1);
  if (value.length === 0 && !keepBlank) return;
  fields.add(() => decode(unescape(pair.subarray(0, equals)), undefined), value);
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

/**
 * Refuses a limit that would be none: nothing is more than `NaN`.
 *
 * @param name The option that gave it, for the error.
 * @param limit The limit; `Infinity` is one.
 * @throws {TypeError} If it is not a number from 0.
 */
export function checkLimit(name: string, limit: number): void {
  if (typeof limit === "number" && limit >= 0) return;
  throw new TypeError(`Cannot use ${limit} as the option "${name}": expected a number from 0`);
}

const NONE: readonly string[] = [];

/**
 * The fields of a query or a form, each of which is decoded when it is asked for: a field that
 * nobody reads spoils no other.
 *
 * Names have to be decoded to be found. One that cannot be is an error only for who does not find
 * what he asks for, as it may be that.
 */
export class LazyFields<Raw> {
  readonly #raw = new Map<string, Raw[]>();
  readonly #decoded = new Map<string, string[]>();
  readonly #decode: (raw: Raw, name: string) => string;
  #badName: HTTPInputError | undefined;
  #all: Fields | undefined;

  /**
   * Starts without a field.
   *
   * @param decode Makes text of a value; the name of the field is given.
   */
  constructor(decode: (raw: Raw, name: string) => string) {
    this.#decode = decode;
  }

  /**
   * Adds a field.
   *
   * @param name Decodes its name.
   * @param value Its value, not decoded.
   * @throws What `name` throws, but for an {@linkcode HTTPInputError}, which is kept.
   */
  add(name: () => string, value: Raw): void {
    const known = this.#nameOf(name);
    if (known === undefined) return;
    const values = this.#raw.get(known);
    if (values === undefined) this.#raw.set(known, [value]);
    else values.push(value);
  }

  #nameOf(name: () => string): string | undefined {
    try {
      return name();
    } catch (error) {
      if (!(error instanceof HTTPInputError)) throw error;
      this.#badName ??= error;
      return undefined;
    }
  }

  /**
   * The values of one field, in the order they came; none if it was not sent.
   *
   * @throws {HTTPInputError} (400) If one is not text, or if there is none but a name that is not.
   */
  get(name: string): readonly string[] {
    const values = this.find(name);
    if (values.length === 0 && this.#badName !== undefined) throw this.#badName;
    return values;
  }

  /**
   * As {@linkcode get}, but names that are not text count for nothing.
   *
   * @throws {HTTPInputError} (400) If one of the values is not text.
   */
  find(name: string): readonly string[] {
    if (this.#all !== undefined) return this.#all[name] ?? NONE;
    const raw = this.#raw.get(name);
    return raw === undefined ? NONE : this.#values(name, raw);
  }

  /**
   * All fields.
   *
   * @throws {HTTPInputError} (400) If a name or a value is not text.
   */
  get all(): Fields {
    return this.#all ??= this.#decodeAll();
  }

  #decodeAll(): Fields {
    if (this.#badName !== undefined) throw this.#badName;
    const fields: Fields = Object.create(null);
    for (const [name, raw] of this.#raw) fields[name] = this.#values(name, raw);
    return fields;
  }

  #values(name: string, raw: readonly Raw[]): string[] {
    const known = this.#decoded.get(name);
    if (known !== undefined) return known;
    const values = raw.map((value) => this.#decode(value, name));
    this.#decoded.set(name, values);
    return values;
  }
}
