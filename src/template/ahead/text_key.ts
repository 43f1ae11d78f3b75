/** What tells texts of templates apart, in a build and in its bundle. */
import type { LoaderOptions } from "../loaders/base_loader.ts";

/** How a text is read, as far as it matters to what becomes of it. */
export type TextReading = {
  readonly [Name in "autoescape" | "whitespace"]?: LoaderOptions[Name] | undefined;
};

/** The key of the texts of a loader; `null` if a function escapes, which cannot be told from another. */
export function textsKey(
  sources: Readonly<Record<string, unknown>>,
  reading: TextReading,
): string | null {
  return keyOf([Object.entries(sources)], reading);
}

/**
 * The key of one text; `null` as above.
 *
 * @param loader The key of its loader; `null` for none.
 */
export function textKey(
  source: string | Uint8Array,
  { name, loader, ...reading }: TextReading & {
    readonly name: string;
    readonly loader: string | null;
  },
): string | null {
  return keyOf([sourceText(source), name, loader], reading);
}

/** The text of a template that is given as its bytes. */
export function sourceText(source: string | Uint8Array): string {
  return typeof source === "string" ? source : new TextDecoder().decode(source);
}

function keyOf(parts: readonly unknown[], { autoescape, whitespace }: TextReading): string | null {
  if (typeof autoescape === "function") return null;
  return digestOf(JSON.stringify([...parts, autoescape, whitespace ?? null]));
}

const [OFFSET, PRIME] = [0x811c9dc5, 0x01000193];

/** Two sums of 32 bits, and the length. Who wrote the texts wrote the application, too. */
function digestOf(text: string): string {
  let [one, other] = [OFFSET, PRIME];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, PRIME);
    other = Math.imul(other + code, OFFSET) ^ (other >>> 15);
  }
  return [one >>> 0, other >>> 0, text.length].map((each) => each.toString(36)).join("-");
}
