/** Reads streams, a few reads at a time. */
import { BrokerError } from "../broker/broker_error.ts";
import type { NatsLink } from "./nats_link.ts";
import type { StreamWriter } from "./stream_writer.ts";
import { readSubject, type SubjectQuery, type SubjectRead } from "./subject_read.ts";

/**
 * Reads that go on at the same time. To find the messages of one subject a server looks at those of all that
 * are between: with hundreds of reads at once each would take as long as all of them.
 */
const AT_ONCE = 8;

/** Reads the streams of one broker. */
export class StreamReader {
  readonly #link: NatsLink;
  readonly #waiting = new Set<() => void>();
  #busy = 0;

  constructor(link: NatsLink) {
    this.#link = link;
  }

  /**
   * Reads what a stream keeps of a subject.
   *
   * @throws {BrokerError} The promise rejects if it cannot be read in time.
   */
  async read(writer: StreamWriter, query: Omit<SubjectQuery, "stream">): Promise<SubjectRead> {
    const { session } = await writer.ready();
    await this.#turn();
    try {
      if (session.ended.aborted) throw new BrokerError("The connection to NATS broke off");
      return await this.#link.inTime(readSubject(session, { ...query, stream: writer.name }));
    } catch (error) {
      throw this.#link.errorOf("Cannot read from NATS", error);
    } finally {
      this.#busy--;
      const [next] = this.#waiting;
      next?.();
    }
  }

  /** @throws {BrokerError} The promise rejects if the turn does not come in time. */
  async #turn(): Promise<void> {
    if (this.#busy < AT_ONCE && this.#waiting.size === 0) {
      this.#busy++;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const begin = () => {
      this.#waiting.delete(begin);
      this.#busy++;
      resolve();
    };
    this.#waiting.add(begin);
    try {
      await this.#link.inTime(promise);
    } finally {
      this.#waiting.delete(begin);
    }
  }
}
