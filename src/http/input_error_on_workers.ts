/** What stands in the place of `input_error.ts` in the package, for Workers: the shorter way to read text. */
import { excerpt } from "./excerpt.ts";
import { HTTPInputError } from "./input_error.ts";

export { HTTPInputError, isNestedTooDeep, MOST_NESTED } from "./input_error.ts";

/** See `input_error.ts`. */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new HTTPInputError(`Invalid unicode in ${what}: ${excerpt(bytes)}`, { cause });
  }
}
