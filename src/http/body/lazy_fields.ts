import type { Fields } from "./form.ts";
import { HTTPInputError } from "../input_error.ts";

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
