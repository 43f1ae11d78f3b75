/** The client's side of an event stream (WHATWG HTML §9.2.6, "Interpreting an event stream"). */

/**
 * An event as an `EventSource` would dispatch it.
 *
 * @category Testing
 */
export interface TestEvent {
  /** Its type; `"message"` unless the server named one. */
  readonly type: string;
  /** Its text, the lines joined with `\n`. */
  readonly data: string;
  /** The last id that was sent, with this event or before; empty if none was. */
  readonly id: string;
}

const LINE_END = /\r\n|\n|\r(?!$)/;

/** Puts events together from the text of a stream, however it is cut. */
export class EventStreamReader {
  /** The last id that was sent. */
  lastEventId: string;
  /** Milliseconds after which a client would connect again; `null` if the server did not say. */
  retry: number | null = null;
  /** The beginning of a line. */
  #text = "";
  /** It ends with a CR, which a LF may belong to. */
  #isOpen = false;
  #type = "";
  #data: string[] = [];

  /** @param lastEventId The id that the stream continues from. */
  constructor(lastEventId: string) {
    this.lastEventId = lastEventId;
  }

  /** Takes more of the text, and gives the events that are complete now. */
  push(text: string): TestEvent[] {
    this.#text += text;
    // A line that comes in a thousand pieces is looked at once.
    if (!this.#isOpen && !/[\r\n]/.test(text)) return [];
    const lines = this.#text.split(LINE_END);
    this.#text = lines.pop() ?? "";
    this.#isOpen = this.#text.endsWith("\r");
    return lines.map((line) => this.#read(line)).filter((event) => event !== null);
  }

  /** A line that is empty dispatches; any other is a field, or a comment. */
  #read(line: string): TestEvent | null {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#type = value;
    else if (name === "id" && !value.includes("\0")) this.lastEventId = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
    return null;
  }

  #dispatch(): TestEvent | null {
    const [type, data] = [this.#type || "message", this.#data];
    this.#type = "";
    this.#data = [];
    return data.length === 0 ? null : { type, data: data.join("\n"), id: this.lastEventId };
  }
}
