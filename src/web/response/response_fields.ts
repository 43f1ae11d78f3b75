/** The header fields of a response in the making. */
import {
  checkFieldName,
  checkFieldValue,
  codePoint,
  trimWhitespace,
} from "../../http/fields/field.ts";
import { formatHttpDate } from "../../http/fields/http_date.ts";
import { shown } from "../../checks/shown.ts";

/**
 * What a header may be set to: a `Date` becomes an HTTP date (RFC 9110 §5.6.7).
 *
 * @category Requests and responses
 */
export type HeaderValue = string | number | Date;

/**
 * Header fields in order. A response has few, so they are searched one by one.
 *
 * Every name and value is checked on its way in: a control character that reached the runtime's HTTP
 * writer would end the process.
 */
export class ResponseFields {
  readonly #fields: { key: string; name: string; value: string }[] = [];

  /** Replaces every value of `name`. */
  set(name: string, value: HeaderValue): void {
    const text = checkedHeader(name, value);
    this.delete(name);
    this.#add(name, text);
  }

  /** Adds one more value of `name`. */
  append(name: string, value: HeaderValue): void {
    this.#add(name, checkedHeader(name, value));
  }

  #add(name: string, value: string): void {
    this.#fields.push({ key: name.toLowerCase(), name, value });
  }

  /** Removes `name`. */
  delete(name: string): void {
    const key = name.toLowerCase();
    for (let i = this.#fields.length - 1; i >= 0; i--) {
      if (this.#fields[i]?.key === key) this.#fields.splice(i, 1);
    }
  }

  /** The value of `name`, several joined with `", "`; `null` if there is none. */
  get(name: string): string | null {
    const key = name.toLowerCase();
    const values = this.#fields.filter((field) => field.key === key).map((field) => field.value);
    return values.length === 0 ? null : values.join(", ");
  }

  /** Whether a content coding is set. */
  get encoded(): boolean {
    return this.#fields.some(({ key }) => key === "content-encoding");
  }

  /** Whether no field is set. */
  get empty(): boolean {
    return this.#fields.length === 0;
  }

  /** The same fields, to be changed by themselves. */
  copy(): ResponseFields {
    const copy = new ResponseFields();
    copy.#fields.push(...this.#fields);
    return copy;
  }

  /** Adds every field to `headers`. */
  appendTo(headers: Headers): void {
    for (const { name, value } of this.#fields) headers.append(name, value);
  }

  /** Puts every field into `headers`, in place of what stands there under its name. */
  override(headers: Headers): void {
    for (const { name } of this.#fields) headers.delete(name);
    this.appendTo(headers);
  }
}

/**
 * The text of a header value, fit to be sent.
 *
 * @throws {TypeError} If the name or the value cannot stand in a header.
 */
export function checkedHeader(name: string, value: HeaderValue): string {
  // As `Headers` would, which not all of them pass.
  const text = trimWhitespace(headerText(name, value));
  checkFieldName(name);
  checkFieldValue(name, text);
  return text;
}

function headerText(name: string, value: HeaderValue): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return formatHttpDate(value);
  throw new TypeError(
    `Cannot set header ${JSON.stringify(name)}: ` +
      `expected a string, a finite number or a valid Date, got ${describe(value)}`,
  );
}

function describe(value: unknown): string {
  if (value instanceof Date) return "an invalid Date";
  if (typeof value === "number") return String(value);
  return value === null ? "null" : typeof value;
}

/**
 * The value of a `Location` header (RFC 9110 §10.2.2): `url`, with what is not ASCII, and spaces,
 * percent-encoded as UTF-8. Escapes that are there already stay.
 *
 * @throws {TypeError} If it holds a control character, which no URL does.
 */
export function locationOf(url: string): string {
  if (typeof url !== "string") {
    throw new TypeError(`Cannot redirect to ${shown(url)}: expected the URL as a string`);
  }
  const at = url.search(CONTROL);
  if (at >= 0) {
    const point = codePoint(url.charCodeAt(at));
    throw new TypeError(`Cannot redirect: the URL contains the control character ${point}`);
  }
  return url.replace(NOT_ASCII, (text) => encodeURIComponent(text.toWellFormed()));
}

// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROL = /[\0-\x1f\x7f]/;
const NOT_ASCII = /[ \u0080-\uffff]+/g;
