/** The way around a proxy that breaks WebSockets: an event stream for each topic, and POST. */
import type { TopicFrame } from "./topic_frame.ts";
import { receive, requestOf, type TopicSubscription } from "./topic_subscription.ts";

/** What {@linkcode EventStreams} needs of its client. */
export interface EventStreamsParts {
  /** The URL of a topic. */
  url(topic: string): URL;
  /** Header fields of a POST. */
  headers(): Readonly<Record<string, string>>;
  /** Milliseconds until something is tried again. */
  delay(): number;
  /** {@linkcode EventStreams.isOpen} may be another now. */
  changed(): void;
}

const EVENTS = ["subscribed", "message", "bytes", "lost", "present", "joined", "left"];

/** The topics of a client as event streams. */
export class EventStreams {
  readonly #parts: EventStreamsParts;
  readonly #sources = new Map<TopicSubscription, EventSource>();
  readonly #over = new AbortController();
  readonly #producer = crypto.getRandomValues(new Uint32Array(4)).join("-");
  #isOpen = false;

  constructor(parts: EventStreamsParts) {
    this.#parts = parts;
  }

  /** Whether the last that was heard of a stream is that it is open. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Opens the stream of a topic. */
  open(subscription: TopicSubscription): void {
    const url = this.#parts.url(subscription.topic);
    for (const [name, value] of Object.entries(requestOf(subscription))) {
      url.searchParams.set(name, `${value}`);
    }
    const source = new EventSource(url);
    this.#sources.set(subscription, source);
    for (const type of EVENTS) {
      source.addEventListener(type, (event) => this.#receive(subscription, event));
    }
    source.onopen = () => this.#tell(true);
    source.onerror = () => {
      this.#tell(false);
      if (source.readyState < 2) return;
      // Deno keeps the answer until then.
      source.close();
      this.#openAgain(subscription, url);
    };
  }

  /** Closes the stream of a topic. */
  close(subscription: TopicSubscription): void {
    this.#sources.get(subscription)?.close();
    this.#sources.delete(subscription);
  }

  /** Closes all streams. What is being published goes on. */
  closeAll(): void {
    for (const subscription of this.#sources.keys()) this.close(subscription);
    this.#isOpen = false;
  }

  /** Closes all streams, and gives up what is being published. */
  end(): void {
    this.closeAll();
    this.#over.abort();
  }

  /**
   * Publishes, again and again until there is an answer.
   *
   * @param number Grows with each publication, so that one that is sent twice is published once.
   * @returns What came of it.
   */
  async post(topic: string, data: unknown, number: number): Promise<TopicFrame> {
    const isBytes = data instanceof Uint8Array;
    const body = isBytes ? new Uint8Array(data) : JSON.stringify(data);
    const headers = {
      ...this.#parts.headers(),
      "Content-Type": `application/${isBytes ? "octet-stream" : "json"}`,
      "Topic-Producer": this.#producer,
      "Topic-Number": `${number}`,
    };
    for (;;) {
      const frame = await this.#ask(this.#parts.url(topic), { method: "POST", headers, body });
      if (frame !== null) return frame;
      await this.#pause();
    }
  }

  /** A stream that the browser gives up: the server refused it, or something between. */
  async #openAgain(subscription: TopicSubscription, url: URL): Promise<void> {
    // Opens no stream, and tells whether there would be one.
    const init = { method: "HEAD", headers: { Accept: "text/event-stream" } };
    const frame = await this.#ask(url, init);
    if (frame?.type !== "error") await this.#pause();
    if (!this.#sources.has(subscription)) return;
    if (frame?.type === "error") receive(subscription, frame);
    else this.open(subscription);
  }

  /** The answer as a frame; `null` if something else may come of it later. */
  async #ask(url: URL, init: RequestInit): Promise<TopicFrame | null> {
    try {
      const response = await fetch(url, { ...init, signal: this.#over.signal });
      const { ok, status: code } = response;
      const text = await response.text();
      if (ok) return { ...text ? JSON.parse(text) : {}, type: "ack" };
      return code > 500 ? null : { type: "error", code, message: `The server answers ${code}` };
    } catch {
      return null;
    }
  }

  /** It does not settle after the end. */
  #pause(): Promise<void> {
    const { signal } = this.#over;
    return new Promise((resolve) => {
      if (signal.aborted) return;
      const timer = setTimeout(resolve, this.#parts.delay());
      signal.addEventListener("abort", () => clearTimeout(timer));
    });
  }

  /** The type and the data of an event are those of a frame; what is malformed is left out. */
  #receive(subscription: TopicSubscription, { type, data, lastEventId }: MessageEvent): void {
    if (!this.#sources.has(subscription)) return;
    try {
      receive(subscription, frameOf(type, data, lastEventId));
    } catch {
      // A foreign server's.
    }
  }

  #tell(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#parts.changed();
  }
}

function frameOf(type: string, data: string, id: string): TopicFrame {
  const position = id === "" ? {} : { position: id };
  if (type === "bytes") return { type: "message", base64: data, ...position };
  const content = JSON.parse(data);
  return type === "message" ? { type, data: content, ...position } : { ...content, type };
}
