/** What the parts that keep their state in Redis need of a client. */

/**
 * A connection to Redis that sends one command at a time.
 *
 * The clients of the npm package `redis` are one as they are; for another client, write a function
 * that passes the words on, such as `{ sendCommand: ([name, ...rest]) => ioredis.call(name, ...rest) }`.
 *
 * @category Cookies and sessions
 */
export interface RedisCommands {
  /**
   * Sends a command and answers with the reply: a string, a number, `null` or an array of these.
   *
   * @param words The command and its arguments.
   */
  sendCommand(words: string[]): Promise<unknown>;
}

/**
 * Waits for an answer of Redis, but not for ever: a client that has lost its connection may hold
 * commands back for as long as it takes.
 *
 * @param ms Milliseconds to wait.
 * @throws {Error} If the time passed first.
 */
export function answerWithin<T>(ms: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Redis did not answer within ${ms} ms`)), ms);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
