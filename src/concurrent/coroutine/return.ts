/**
 * Thrown by a coroutine to end with a value (`tornado.gen.Return`). It exists for code that moves
 * over from Tornado; a `return` statement does the same.
 *
 * @example
 * ```ts
 * import { gen } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * const answer = gen.coroutine(function* (): Generator<Promise<void>, number> {
 *   yield Promise.resolve();
 *   throw new gen.Return(42);
 * });
 * assertEquals(await answer(), 42);
 * ```
 *
 * @category Event loop
 */
export class Return<T = unknown> extends Error {
  /** Always `"Return"`. */
  override readonly name = "Return";
  /** What the coroutine ends with. */
  readonly value: T | undefined;

  /** Makes what is to be thrown. */
  constructor(value?: T) {
    super("A Return was thrown outside of a coroutine");
    this.value = value;
  }
}
