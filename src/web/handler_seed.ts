/** What a handler is made with. */

/**
 * What the application makes a handler with. There is nothing in it for anybody: a subclass that has a
 * constructor hands it on to `super()`.
 *
 * @category Handlers
 */
export interface HandlerSeed {
  /** Tells it from anything else. */
  readonly "~seed": never;
}
