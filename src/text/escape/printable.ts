/**
 * Turns a value into the text a page shows for it: strings as they are, `null` and `undefined` as
 * nothing, bytes as UTF-8, anything else by `String()`.
 *
 * What could only print as rubbish is refused: a function, a symbol, a promise nobody awaited, an
 * object that has no text of its own (`[object Object]`).
 *
 * @param value Anything.
 * @throws {TypeError} When the value has no sensible text; the message says what to write instead.
 */
export function printable(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (typeof value === "object") return objectText(value);
  if (typeof value === "function") throw refusal("a function", "Call it");
  if (typeof value === "symbol") throw refusal("a symbol", "Print its description");
  return String(value);
}

function objectText(value: object): string {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if ("then" in value && typeof value.then === "function") {
    // It may fail as well, and nobody else looks at it.
    if (value instanceof Promise) value.catch(() => {});
    throw refusal("a promise", "Write await before it");
  }
  const text = ownText(value);
  if (text === undefined) {
    throw refusal(
      "an object without a text of its own",
      "Print a property of it, or jsonEncode it",
    );
  }
  return text;
}

/** `undefined` for an object whose text would be the inherited `[object …]`. */
function ownText(value: object): string | undefined {
  const plain = !("toString" in value) || value.toString === Object.prototype.toString;
  return plain && !(Symbol.toPrimitive in value) ? undefined : String(value);
}

function refusal(what: string, wayOut: string): TypeError {
  return new TypeError(`Cannot print ${what}. ${wayOut}`);
}
