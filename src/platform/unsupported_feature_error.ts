/** What is thrown where a runtime lacks something. */

/**
 * A feature that the runtime at hand does not have.
 *
 * @example
 * ```ts
 * import { UnsupportedFeatureError } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * // What to tell the operator.
 * function advice(error: unknown): string {
 *   return error instanceof UnsupportedFeatureError ? error.message : "Something went wrong";
 * }
 *
 * assertEquals(
 *   advice(new UnsupportedFeatureError("files", "Deno")),
 *   "Cannot use files: this runtime does not have it; use Deno",
 * );
 * ```
 *
 * @category Servers and runtimes
 */
export class UnsupportedFeatureError extends Error {
  /** The name of the class. */
  override readonly name = "UnsupportedFeatureError";

  /**
   * Makes the exception.
   *
   * @param feature What was asked for, as a noun phrase.
   * @param runtimes The runtimes that have it.
   */
  constructor(feature: string, runtimes: string) {
    super(`Cannot use ${feature}: this runtime does not have it; use ${runtimes}`);
  }
}
