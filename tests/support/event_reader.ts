/**
 * A client of event streams, written from WHATWG HTML §9.2.6, "Interpreting an event stream".
 *
 * @module
 */

/** One block of a stream: an event as a client would see it, or what a client never shows. */
export interface ReceivedEvent {
  /** The type of the event. */
  event?: string;
  /** The text of the event, its lines joined with `\n`. */
  data?: string;
  /** Its id. */
  id?: string;
  /** The milliseconds of its `retry`. */
  retry?: number;
  /** The text of its comments. */
  comment?: string;
}

/** Reads the events of a response one by one. */
export class EventReader implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  /** @param response The response, whose body must be an event stream. */
  constructor(response: Response) {
    const type = response.headers.get("content-type");
    if (response.body === null || type !== "text/event-stream") {
      throw new Error(`Cannot read events: got ${response.status} with the content type ${type}`);
    }
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next event, or `null` at the end of the stream. */
  async next(): Promise<ReceivedEvent | null> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) return this.#take(end);
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += value;
    }
  }

  /** Leaves, as a client that closes its connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  #take(end: number): ReceivedEvent {
    const block = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 2);
    return parseEvent(block);
  }
}

/**
 * Parses one block of a stream.
 *
 * @param block Its lines, without the empty one at its end.
 */
export function parseEvent(block: string): ReceivedEvent {
  const event: ReceivedEvent = {};
  for (const line of block.split(/\r\n|\r|\n/)) {
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = line.slice(name.length + 1).replace(/^ /, "");
    if (name === "data") event.data = event.data === undefined ? value : `${event.data}\n${value}`;
    else if (name === "event" || name === "id") event[name] = value;
    else if (name === "retry" && /^\d+$/.test(value)) event.retry = Number(value);
    else if (name === "") event.comment = (event.comment ?? "") + value;
  }
  return event;
}
