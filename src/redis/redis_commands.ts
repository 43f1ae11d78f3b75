/** What the parts that keep their state in Redis need of a client. */

/**
 * A connection to Redis that sends one command at a time.
 *
 * The clients of the npm package `redis` are one as they are; for another client, write a function
 * that passes the words on, such as `{ sendCommand: ([name, ...rest]) => ioredis.call(name, ...rest) }`.
 */
export interface RedisCommands {
  /**
   * Sends a command and answers with the reply: a string, a number, `null` or an array of these.
   *
   * @param words The command and its arguments.
   */
  sendCommand(words: string[]): Promise<unknown>;
}
