/** What a client has to send, and what has no answer yet. */
import { TopicError } from "./topic_error.ts";
import type { TopicFrame } from "./topic_frame.ts";

/** Requests that are under way at the same time: a server bounds them too. */
const UNDER_WAY = 64;

/** A publication, or a message to the handler. */
export interface TopicRequest {
  readonly type: "publish" | "message";
  readonly topic?: string;
  /** `"data":…` or `"base64":…`. */
  readonly member: string;
  accept(frame: TopicFrame): void;
  reject(error: TopicError): void;
}

/** The requests of a client, in order. Each has its id from when it is sent first. */
export class RequestQueue {
  readonly #waiting: TopicRequest[] = [];
  /** Those that have an id, and no answer. */
  readonly #started = new Map<number, TopicRequest>();
  /** Which of them are to be sent on this connection, still or again. */
  readonly #unsent = new Set<number>();

  /** How many have no answer. */
  get size(): number {
    return this.#waiting.length + this.#started.size;
  }

  /** Adds one. */
  add(request: TopicRequest): void {
    this.#waiting.push(request);
  }

  /** Takes the first of those that were never sent. */
  shift(): TopicRequest | undefined {
    return this.#waiting.shift();
  }

  /** The lines of those that have to be sent again. */
  again(): string[] {
    const lines: string[] = [];
    for (const [id, request] of this.#started) {
      if (this.#unsent.delete(id)) lines.push(lineOf(id, request));
    }
    return lines;
  }

  /**
   * The lines of those that are sent for the first time: as many as may be under way.
   *
   * @param nextId Gives an id.
   */
  next(nextId: () => number): string[] {
    const lines: string[] = [];
    while (this.#started.size < UNDER_WAY) {
      const request = this.#waiting.shift();
      if (request === undefined) break;
      const id = nextId();
      this.#started.set(id, request);
      lines.push(lineOf(id, request));
    }
    return lines;
  }

  /** Settles one; tells whether it is one of these. */
  answer(id: number, frame: TopicFrame): boolean {
    const request = this.#started.get(id);
    if (request !== undefined) settle(request, frame);
    return this.#started.delete(id);
  }

  /** Has one sent again; tells whether it is one of these. */
  putOff(id: number): boolean {
    if (!this.#started.has(id)) return false;
    this.#unsent.add(id);
    return true;
  }

  /** Has all sent again. */
  putAllOff(): void {
    for (const id of this.#started.keys()) this.#unsent.add(id);
  }

  /** Gives all up. */
  reject(error: TopicError): void {
    for (const request of [...this.#started.values(), ...this.#waiting.splice(0)]) {
      request.reject(error);
    }
    this.#started.clear();
    this.#unsent.clear();
  }
}

/** Hands an answer over. */
export function settle(request: TopicRequest, frame: TopicFrame): void {
  const { type, code = 0, message = "" } = frame;
  if (type === "error") request.reject(new TopicError(code, message));
  else request.accept(frame);
}

function lineOf(id: number, { type, topic, member }: TopicRequest): string {
  const place = topic === undefined ? "" : `,"topic":${JSON.stringify(topic)}`;
  return `{"type":"${type}","id":${id}${place},${member}}`;
}
