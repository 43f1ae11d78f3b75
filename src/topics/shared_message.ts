/** A message that goes to many. */
import { type Chunk, toBytes } from "../http/body/chunk.ts";
import { type EventFields, formatEvent } from "../http/body/event_stream.ts";
import type { FrameHolder } from "../platform/platform.ts";
import { toBase64 } from "../http/byte_text.ts";

/** Where a message comes from. */
export interface MessageOrigin {
  /** The topic that it was published to. */
  readonly topic?: string;
  /** Whether its text is JSON. */
  readonly isJson?: boolean;
}

/**
 * A message of a topic. Bytes belong to who published them, and may change as soon as `publish` has
 * returned: what has to wait is a copy, one for all subscribers, that is made when the first needs it.
 */
export class SharedMessage implements FrameHolder {
  readonly #message: Chunk;
  readonly #origin: MessageOrigin | undefined;
  #kept: Chunk | undefined;
  #event: Uint8Array | undefined;
  #frame: string | undefined;
  #topicEvent: string | undefined;
  /** See `FrameHolder`. */
  frames?: Map<string, Uint8Array>;

  /**
   * @param message Text, or bytes of the publisher's.
   * @param origin What clients of topics are told of it.
   */
  constructor(message: Chunk, origin?: MessageOrigin) {
    this.#message = message;
    this.#origin = origin;
  }

  /** The message as it was published, to keep. */
  keep(): Chunk {
    return this.#kept ??= keepable(this.#message);
  }

  /** The message as a server-sent event; of bytes the data is base64, and the type `bytes`. */
  get event(): Uint8Array {
    return this.#event ??= toBytes(formatEvent(fieldsOf(this.#message)));
  }

  /** A line of a frame of `gustnado.v1.json`. */
  get frame(): string {
    return this.#frame ??= this.#formatFrame();
  }

  /** As `TopicEntry.event`, without a position: text is JSON. */
  get topicEvent(): string {
    return this.#topicEvent ??= formatEvent(
      typeof this.#message === "string"
        ? { data: this.#jsonOf(this.#message) }
        : fieldsOf(this.#message),
    );
  }

  #formatFrame(): string {
    const member = typeof this.#message === "string"
      ? `"data":${this.#jsonOf(this.#message)}`
      : `"base64":"${toBase64(this.#message)}"`;
    return `{"type":"message","topic":${JSON.stringify(this.#origin?.topic)},${member}}`;
  }

  #jsonOf(text: string): string {
    return this.#origin?.isJson ? text : JSON.stringify(text);
  }
}

function fieldsOf(message: Chunk): EventFields {
  if (typeof message === "string") return { data: message };
  return { event: "bytes", data: toBase64(message) };
}

/** A message that its sender cannot change any more. */
export function keepable(message: Chunk): Chunk {
  return typeof message === "string" ? message : message.slice();
}
