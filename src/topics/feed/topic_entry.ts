/** A publication as subscribers get it. */
import { formatEvent } from "../../http/body/event_stream.ts";
import type { LogRecord } from "../broker/broker.ts";
import { decodePayload, type Payload, payloadMember } from "../broker/payload.ts";
import type { Chunk } from "../../http/body/chunk.ts";

/** One publication to a topic with history: written down once for all who get it. */
export class TopicEntry {
  readonly topic: string;
  readonly epoch: string;
  readonly offset: number;
  /** The offset of the publication before it. */
  readonly previous: number;
  readonly #payload: string;
  #frame: string | undefined;
  #event: string | undefined;

  constructor(topic: string, epoch: string, { offset, previous, payload }: LogRecord) {
    this.topic = topic;
    this.epoch = epoch;
    this.offset = offset;
    this.previous = previous;
    this.#payload = payload;
  }

  /** Its position as text. */
  get position(): string {
    return `${this.epoch}.${this.offset}`;
  }

  /** Characters that it takes. */
  get size(): number {
    return this.#payload.length;
  }

  /** Whether it is this message. */
  carries(payload: Payload): boolean {
    return this.#payload === payload;
  }

  /** `"data":…` or `"base64":"…"`; that of `null` where another program wrote what is no payload. */
  get member(): string {
    return payloadMember(this.#payload) ?? '"data":null';
  }

  /** A line of a frame of `gustnado.v1.json`. */
  get frame(): string {
    return this.#frame ??= `{"type":"message","topic":${JSON.stringify(this.topic)},` +
      `"position":"${this.position}",${this.member}}`;
  }

  /**
   * A server-sent event, whose `id` is the position: its data is the message as JSON; that of bytes is
   * base64, in an event of the type `bytes`.
   */
  get event(): string {
    return this.#event ??= this.#formatEvent();
  }

  #formatEvent(): string {
    const id = this.position;
    const { base64, data }: { base64?: string; data?: unknown } = JSON.parse(`{${this.member}}`);
    if (base64 !== undefined) return formatEvent({ id, event: "bytes", data: base64 });
    return formatEvent({ id, data: JSON.stringify(data) });
  }

  /** As a plain subscriber gets it; `null` if it is malformed. */
  get chunk(): Chunk | null {
    return decodePayload(this.#payload);
  }
}
