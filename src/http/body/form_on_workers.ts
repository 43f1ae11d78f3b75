/**
 * What stands in the place of `form.ts` in the package, for Workers: queries and forms are read as bytes,
 * which is slower than to read text, and needs nothing else.
 */
import { type FieldSource, type FormOptions, splitBytes } from "./form.ts";

export { checkLimit, fieldLabel, LazyFields } from "./form.ts";

/** See `form.ts`. */
export function splitUrlEncoded(
  source: string | Uint8Array,
  options: FormOptions = {},
): FieldSource {
  const bytes = typeof source === "string" ? new TextEncoder().encode(source) : source;
  return splitBytes(bytes, options);
}
