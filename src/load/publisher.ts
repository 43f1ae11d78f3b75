/** Who publishes under load, and when. */
import { sleep } from "../concurrent/coroutine/sleep.ts";

/** What one sender has sent: messages have the numbers 1, 2, 3… */
export class Sender {
  /** What stands before its numbers in a text, so that no other text is taken for one of its own. */
  readonly mark: string;
  /** The numbers that the server has not taken. */
  readonly refused: Set<number> = new Set();
  readonly #publish: (number: number, text: string) => void;
  readonly #sentAt: number[] = [];

  /**
   * @param mark Letters and digits that stand in no other text.
   * @param publish Sends a text under its number.
   */
  constructor(mark: string, publish: (number: number, text: string) => void) {
    this.mark = mark;
    this.#publish = publish;
  }

  /** The number of the last message. */
  get last(): number {
    return this.#sentAt.length;
  }

  /** Sends the next message. */
  send(): void {
    const number = this.#sentAt.push(performance.now());
    this.#publish(number, `${this.mark}.${number}.`);
  }

  /** Milliseconds since a message was sent; `undefined` if it never was. */
  ageOf(number: number): number | undefined {
    const sentAt = this.#sentAt[number - 1];
    return sentAt === undefined ? undefined : performance.now() - sentAt;
  }
}

/**
 * Calls at a steady rate. What a slow turn of the loop has put off is made up for.
 *
 * @param rate Calls in a second.
 * @param seconds How long.
 */
export async function pace(rate: number, seconds: number, call: () => void): Promise<void> {
  const began = performance.now();
  const total = Math.max(1, Math.round(rate * seconds));
  for (let done = 0; done < total;) {
    const due = Math.floor((performance.now() - began) / 1000 * rate) + 1;
    for (; done < Math.min(due, total); done++) call();
    const next = began + done / rate * 1000;
    await sleep(Math.max(0, next - performance.now()));
  }
}

/** Publishes by POST, one after the other. */
export class Poster {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #template: string;
  readonly #answered: (number: number, taken: boolean) => void;
  #queue: Promise<void> = Promise.resolve();

  /**
   * @param template The body, with `$` for the text.
   * @param answered Is told whether the server has taken it.
   */
  constructor(
    request: { url: string; headers: Readonly<Record<string, string>>; template: string },
    answered: (number: number, taken: boolean) => void,
  ) {
    this.#url = request.url;
    this.#headers = request.headers;
    this.#template = request.template;
    this.#answered = answered;
  }

  /** Settles when all is sent. */
  get done(): Promise<void> {
    return this.#queue;
  }

  /** Publishes a text after those before it. */
  publish(number: number, text: string): void {
    this.#queue = this.#queue.then(() => this.#post(number, text));
  }

  async #post(number: number, text: string): Promise<void> {
    const headers = { "Content-Type": "application/json", ...this.#headers };
    const body = this.#template.replaceAll("$", text);
    try {
      const response = await fetch(this.#url, { method: "POST", headers, body });
      await response.body?.cancel();
      this.#answered(number, response.ok);
    } catch {
      this.#answered(number, false);
    }
  }
}
