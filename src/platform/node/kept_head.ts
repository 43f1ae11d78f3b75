/** The head of a request that may be asked for hours later: thousands of sockets may wait. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/** What is left of an `IncomingMessage` that was upgraded: its fields as one text, a fifth of their memory. */
export class KeptHead {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly socket: Socket;
  /** A line for each name, and one for its value. */
  readonly #fields: string;

  constructor({ method, url, socket, rawHeaders }: IncomingMessage) {
    this.method = method;
    this.url = url;
    this.socket = socket;
    this.#fields = rawHeaders.join("\n");
  }

  /** Names and values by turns, as they came. */
  get rawHeaders(): string[] {
    return this.#fields === "" ? [] : this.#fields.split("\n");
  }

  /**
   * Reads a header field as `IncomingMessage.headers` would have it.
   *
   * @param name Its name, in any case.
   * @returns Its value, several joined; `null` if it was not sent.
   */
  field(name: string): string | null {
    const wanted = name.toLowerCase();
    const raw = this.rawHeaders;
    const values = raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === wanted);
    return values.length === 0 ? null : values.join(wanted === "cookie" ? "; " : ", ");
  }
}
