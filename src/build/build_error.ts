/**
 * An application cannot be built: the message says what is in the way, and is for whoever builds it.
 *
 * @example
 * ```ts
 * import { build, BuildError } from "@gustnado/gustnado/build";
 * import { assertRejects, assertStringIncludes } from "@std/assert";
 *
 * const out = await Deno.makeTempDir();
 * const error = await assertRejects(
 *   () => build({ entry: "missing.ts", target: "deno", out }),
 *   BuildError,
 * );
 * assertStringIncludes(error.message, "missing.ts");
 * ```
 *
 * @category Servers and runtimes
 */
export class BuildError extends Error {
  /** The name of the class. */
  override readonly name = "BuildError";
}
