/** An event stream as a test reads it. */
import { EVENT_STREAM } from "../../http/body/event_stream.ts";
import { EventStreamReader, type TestEvent } from "./event_stream_reader.ts";
import type { TestResponse } from "./test_response.ts";

/**
 * Reads the events of a stream one by one; `TestClient.eventStream` opens one.
 *
 * @example
 * ```ts
 * import { Application, EventStreamHandler } from "@gustnado/gustnado";
 * import { type TestEventStream, testServer } from "@gustnado/gustnado/testing";
 * import { assertEquals } from "@std/assert";
 *
 * class Countdown extends EventStreamHandler {
 *   override async open() {
 *     for (const number of ["2", "1"]) await this.send({ data: number, id: number });
 *   }
 * }
 *
 * await using t = testServer(new Application([["/", Countdown]]));
 * await using stream: TestEventStream = await t.eventStream("/");
 * assertEquals(await stream.next(), { type: "message", data: "2", id: "2" });
 * assertEquals((await stream.next())?.data, "1");
 * assertEquals(stream.lastEventId, "1");
 * ```
 *
 * @category Testing
 */
export class TestEventStream implements AsyncIterable<TestEvent>, AsyncDisposable {
  /** The response that it is read from. */
  readonly response: TestResponse;
  readonly #leaving: AbortController;
  readonly #reader: EventStreamReader;
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  readonly #events: TestEvent[] = [];

  /**
   * Reads a response. Tests get theirs from a server.
   *
   * @param leaving Tells the server that the client has left.
   * @param lastEventId The id that it continues from.
   * @throws {TypeError} If it is no event stream.
   */
  constructor(response: TestResponse, leaving: AbortController, lastEventId: string) {
    if (response.status !== 200 || response.contentType !== EVENT_STREAM || !response.body) {
      const type = response.contentType || "no content type";
      throw new TypeError(`Cannot read events from ${response}: it has ${type}`);
    }
    this.response = response;
    this.#leaving = leaving;
    this.#reader = new EventStreamReader(lastEventId);
    this.#source = response.body.getReader();
  }

  /** The last id that was sent: what a client that comes back sends as `Last-Event-ID`. */
  get lastEventId(): string {
    return this.#reader.lastEventId;
  }

  /** Milliseconds after which a client would come back; `null` if the server did not say. */
  get retry(): number | null {
    return this.#reader.retry;
  }

  /** Waits for the next event; `null` at the end of the stream. */
  async next(): Promise<TestEvent | null> {
    while (this.#events.length === 0) {
      const { done, value } = await this.#source.read();
      if (done) return null;
      this.#events.push(...this.#reader.push(this.#decoder.decode(value, { stream: true })));
    }
    return this.#events.shift() ?? null;
  }

  /** Reads events up to the end. Leaving the loop does not close the stream. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TestEvent, void, void> {
    for (let event = await this.next(); event !== null; event = await this.next()) yield event;
  }

  /** Leaves, as a client that closes its connection. Again, it does nothing. */
  async close(): Promise<void> {
    await this.#source.cancel().catch(() => {});
    this.#leaving.abort();
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
