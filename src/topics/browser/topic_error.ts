/**
 * Why a publication, a message or a subscription came to nothing.
 *
 * @example
 * ```ts
 * import { TopicClient, TopicError } from "@gustnado/gustnado/browser";
 *
 * const client = new TopicClient("ws://localhost:8888/topics");
 * const sent = client.publish("news", "A gust").catch((error) => {
 *   if (!(error instanceof TopicError)) throw error;
 *   return error.code === 403 ? "not allowed" : "not now";
 * });
 * client.close();
 * console.log(await sent);
 * ```
 *
 * @category Topics
 */
export class TopicError extends Error {
  /**
   * The server's code, as a status of HTTP: 403 not allowed, 409 nobody knows whether it was done, 413
   * too large, 429 too many, 500 a hook failed. A close code (1000 and above) if the connection is over
   * for good. 0 if this client refused it: too much waits already.
   */
  readonly code: number;

  /**
   * Is made by the client.
   *
   * @param code What the member says.
   */
  constructor(code: number, message: string) {
    super(message);
    this.name = "TopicError";
    this.code = code;
  }
}
