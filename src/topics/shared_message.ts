/** A message that goes to many. */
import type { Chunk } from "../http/body/chunk.ts";

/**
 * A message of a topic. Bytes belong to who published them, and may change as soon as `publish` has
 * returned: what has to wait is a copy, one for all subscribers, that is made when the first needs it.
 */
export class SharedMessage {
  readonly #message: Chunk;
  #kept: Chunk | undefined;

  /** @param message Text, or bytes of the publisher's. */
  constructor(message: Chunk) {
    this.#message = message;
  }

  /** The message as it was published, to keep. */
  keep(): Chunk {
    return this.#kept ??= keepable(this.#message);
  }
}

/** A message that its sender cannot change any more. */
export function keepable(message: Chunk): Chunk {
  return typeof message === "string" ? message : message.slice();
}
