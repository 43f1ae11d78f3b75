/** What is said over a socket under load: the application's own language, or that of topics. */

/** What a dialect tells of what it has heard. */
export interface Listener {
  /** The socket is subscribed: messages arrive from now on. */
  ready(): void;
  /** The server does not let it subscribe. */
  refused(): void;
  /** A text that may hold a message. */
  heard(text: string): void;
  /** The server has taken a publication, or refused it. */
  answered(number: number, taken: boolean): void;
  /** The server says that messages are lost. */
  lost(): void;
}

/** One side of a conversation, over any number of connections. */
export interface Dialect {
  /** Subprotocols to offer. */
  readonly protocols: readonly string[];
  /** Whether the server answers: then what it has not answered is said again on the next connection. */
  readonly isAnswered: boolean;
  /** What is said first on a new connection. */
  opening(): string[];
  /** What was said before, and is said again when it is ready. */
  waiting(): string[];
  /** What is said to publish a text under a number. */
  publication(number: number, text: string): string;
  /** Hears a message. */
  hear(message: string, listener: Listener): void;
}

/** Any application that passes on, or sends back, the text that it gets. */
export class PlainDialect implements Dialect {
  readonly isAnswered = false;
  readonly protocols: readonly string[];
  readonly #greeting: string | undefined;
  readonly #template: string;

  /**
   * @param protocols Subprotocols to offer.
   * @param greeting What is sent first, if anything.
   * @param template What is sent to publish, with `$` for the text.
   */
  constructor(protocols: readonly string[], greeting: string | undefined, template: string) {
    this.protocols = protocols;
    this.#greeting = greeting;
    this.#template = template;
  }

  opening(): string[] {
    return this.#greeting === undefined ? [] : [this.#greeting];
  }

  waiting(): string[] {
    return [];
  }

  publication(_number: number, text: string): string {
    return this.#template.replaceAll("$", text);
  }

  hear(message: string, listener: Listener): void {
    listener.heard(message);
  }
}

/** The subprotocol of topics. */
export const TOPIC_PROTOCOL = "gustnado.v1.json";

/** Follows a topic, comes back where it was, and sends again what was not acknowledged. */
export class TopicDialect implements Dialect {
  readonly isAnswered = true;
  readonly protocols: readonly string[] = [TOPIC_PROTOCOL];
  readonly #topic: string;
  readonly #follows: boolean;
  #lastId = 0;
  #token: string | null | undefined;
  /** What told last where in the topic it is. */
  #place = "{}";
  #subscribing = 0;
  /** What was not acknowledged, by its id: the number of the message, and the line. */
  readonly #pending = new Map<number, { readonly number: number; readonly line: string }>();

  /** @param follows Whether it subscribes, and does not only publish. */
  constructor(topic: string, follows: boolean) {
    this.#topic = topic;
    this.#follows = follows;
  }

  opening(): string[] {
    const lines = [JSON.stringify({ type: "hello", token: this.#token })];
    if (this.#follows) lines.push(this.#subscription());
    return [lines.join("\n")];
  }

  waiting(): string[] {
    return [...this.#pending.values()].map(({ line }) => line);
  }

  #subscription(): string {
    const id = this.#subscribing = ++this.#lastId;
    const after = parse(this.#place).position;
    return JSON.stringify({ type: "subscribe", id, topic: this.#topic, after });
  }

  publication(number: number, text: string): string {
    const id = ++this.#lastId;
    const line = JSON.stringify({ type: "publish", id, topic: this.#topic, data: text });
    this.#pending.set(id, { number, line });
    return line;
  }

  hear(message: string, listener: Listener): void {
    for (const line of message.split("\n")) this.#hear(line, listener);
  }

  #hear(text: string, listener: Listener): void {
    // Messages are many: their text is looked into as it is, and read as JSON when it matters.
    if (text.startsWith(MESSAGE)) {
      this.#place = text;
      return listener.heard(text);
    }
    const line = parse(text);
    if (POSITIONED.has(line.type)) this.#place = text;
    this.#tell(line, listener);
  }

  #tell(line: Readonly<Record<string, unknown>>, listener: Listener): void {
    switch (line.type) {
      case "welcome":
      case "token":
        this.#token = typeof line.token === "string" ? line.token : null;
        if (line.type === "welcome" && !this.#follows) listener.ready();
        return;
      case "subscribed":
        return listener.ready();
      case "message":
        // A server may publish more than what it was sent.
        return listener.heard(JSON.stringify(line.data) ?? "");
      case "lost":
        return listener.lost();
      case "ack":
        return this.#answered(line.id, true, listener);
      case "error":
        return this.#answered(line.id, false, listener);
    }
  }

  #answered(id: unknown, taken: boolean, listener: Listener): void {
    const pending = typeof id === "number" ? this.#pending.get(id) : undefined;
    if (pending === undefined) {
      if (id === this.#subscribing && !taken) listener.refused();
      return;
    }
    this.#pending.delete(Number(id));
    listener.answered(pending.number, taken);
  }
}

/** How a message of a topic begins, as `TopicEntry.frame` writes it; one in another order is heard, too. */
const MESSAGE = '{"type":"message","topic":';
/** What tells where in the topic the client is: presence has positions of its own. */
const POSITIONED: ReadonlySet<unknown> = new Set(["subscribed", "message", "lost"]);

/** What is no object says nothing. */
function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}
