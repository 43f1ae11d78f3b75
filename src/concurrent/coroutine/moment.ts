import { nextIteration } from "../loop/next_iteration.ts";

/**
 * Lets the event loop do one iteration (`tornado.gen.moment`): `yield moment` or `await moment` in a
 * long computation gives waiting input, output and timers their turn.
 *
 * @example
 * ```ts
 * import { gen } from "@gustnado/gustnado";
 *
 * for (let part = 0; part < 3; part++) {
 *   // Compute one part, then let others run.
 *   await gen.moment;
 * }
 * ```
 *
 * @category Event loop
 */
export const moment: PromiseLike<void> = Object.freeze({
  then<Fulfilled = void, Rejected = never>(
    onFulfilled?: ((value: void) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return new Promise<void>((resolve) => nextIteration(resolve)).then(onFulfilled, onRejected);
  },
});
