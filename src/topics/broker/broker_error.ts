/**
 * A topic with history could not be reached: its broker is lost, is closed, or has too much to do.
 * Nothing is known of whether it was published, unless the same is published again with its `producer`.
 *
 * @example
 * ```ts
 * import { Application, BrokerError } from "@gustnado/gustnado";
 *
 * const app = new Application([], { topics: { news: { history: 100 } } });
 * try {
 *   await app.publish("news", "A gust");
 * } catch (error) {
 *   if (!(error instanceof BrokerError)) throw error;
 *   // Keep it, and try again later.
 * }
 * ```
 *
 * @category Topics
 */
export class BrokerError extends Error {
  /** `"BrokerError"`. */
  override readonly name = "BrokerError";
}
