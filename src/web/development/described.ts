/** Values as a page about an error shows them: short, and without secrets. */
import { HIDDEN, isSecretName, withoutSecrets } from "./secrets.ts";

const MAX_LENGTH = 300;
const MAX_ITEMS = 8;
const MAX_DEPTH = 2;

/** Text of at most 300 characters. */
export function shortened(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

/**
 * A value as JavaScript would write it. Of an object of a class its name has to do.
 *
 * @param depth How deep it lies in what is shown.
 */
export function described(value: unknown, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(withoutSecrets(shortened(value)));
  if (typeof value === "function") return value.name || "(function)";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return listOf(value, depth);
  if (value instanceof RegExp || value instanceof URL) {
    return withoutSecrets(shortened(String(value)));
  }
  return isPlain(value) ? membersOf(value, depth) : `${nameOfClass(value)} {…}`;
}

function listOf(items: readonly unknown[], depth: number): string {
  if (depth >= MAX_DEPTH) return "[…]";
  const shown = items.slice(0, MAX_ITEMS).map((item) => described(item, depth + 1));
  return `[${[...shown, ...rest(items.length)].join(", ")}]`;
}

function membersOf(object: object, depth: number): string {
  const entries = Object.entries(object);
  if (entries.length === 0) return "{}";
  if (depth >= MAX_DEPTH) return "{…}";
  const shown = entries.slice(0, MAX_ITEMS).map(([name, value]) =>
    `${name}: ${isSecretName(name) ? HIDDEN : described(value, depth + 1)}`
  );
  return `{ ${[...shown, ...rest(entries.length)].join(", ")} }`;
}

function rest(count: number): string[] {
  return count > MAX_ITEMS ? [`… ${count - MAX_ITEMS} more`] : [];
}

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === null || prototype === Object.prototype;
}

function nameOfClass(object: object): string {
  const { constructor } = object;
  return typeof constructor === "function" ? constructor.name : "Object";
}
