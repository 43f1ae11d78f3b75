/**
 * HTTP over a bare TCP connection, for what no HTTP client would send.
 *
 * @module
 */
import { concat } from "./bytes.ts";

const TIMEOUT = 5_000;
const CRLF = new TextEncoder().encode("\r\n");
const BLANK_LINE = new TextEncoder().encode("\r\n\r\n");

/** How long to wait for the peer. */
export interface RawSocketOptions {
  /** Milliseconds that one read or write may take, 5,000 unless given. */
  readonly timeout?: number;
}

/** An HTTP response as it came over the wire. */
export interface RawResponse {
  /** The status code, or 0 when the peer sent no head. */
  readonly status: number;
  /** The first line, without its line end. */
  readonly statusLine: string;
  /** The fields in their order, with the names as sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body, with a chunked one joined. */
  readonly body: Uint8Array;
  /** The body as UTF-8. */
  readonly text: string;
  /** Whether the head and the whole body came. */
  readonly complete: boolean;
  /**
   * Gives the value of a field, several joined by `", "`.
   *
   * @param name The name, in any case.
   * @returns The value, or `null` without such a field.
   */
  header(name: string): string | null;
}

/** A TCP connection to 127.0.0.1 that is read by delimiter or by length. */
export class RawSocket implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #timeout: number;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #ended = false;
  #closed = false;

  private constructor(connection: Deno.TcpConn, options: RawSocketOptions) {
    this.#connection = connection;
    this.#timeout = options.timeout ?? TIMEOUT;
  }

  /**
   * Connects to a port.
   *
   * @param port The TCP port on 127.0.0.1.
   * @param options The time limit of every read and write.
   * @returns The connection, to be bound with `using`.
   */
  static async connect(port: number, options: RawSocketOptions = {}): Promise<RawSocket> {
    return new RawSocket(await Deno.connect({ hostname: "127.0.0.1", port }), options);
  }

  /** Whether the peer has closed or reset the connection, as far as has been read. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Sends everything. A peer that has closed the connection is no error here: what it answered
   * before that can still be read.
   *
   * @param data Bytes, or text to be sent as UTF-8.
   */
  async write(data: Uint8Array | string): Promise<void> {
    let rest = typeof data === "string" ? new TextEncoder().encode(data) : data;
    while (rest.length > 0) {
      const written = await this.#inTime(() => this.#connection.write(rest));
      if (written === null) return;
      rest = rest.subarray(written);
    }
  }

  /** Tells the peer that nothing more will be sent. */
  closeWrite(): Promise<void> {
    return this.#connection.closeWrite();
  }

  /**
   * Reads up to and including a delimiter.
   *
   * @param delimiter The bytes to look for.
   * @returns What was read, or `null` when the peer closed before the delimiter.
   */
  async readUntil(delimiter: Uint8Array): Promise<Uint8Array | null> {
    let searched = 0;
    for (;;) {
      const found = indexOf(this.#joined(), { delimiter, from: searched });
      if (found >= 0) return this.#take(found + delimiter.length);
      searched = Math.max(0, this.#buffered - delimiter.length + 1);
      if (!await this.#fill()) return null;
    }
  }

  /**
   * Reads a number of bytes.
   *
   * @param length How many.
   * @returns The bytes, or `null` when the peer closed before the last of them.
   */
  async readBytes(length: number): Promise<Uint8Array | null> {
    while (this.#buffered < length) {
      if (!await this.#fill()) return null;
    }
    return this.#take(length);
  }

  /**
   * Reads until the peer closes the connection.
   *
   * @returns What has not been read otherwise.
   */
  async readToEnd(): Promise<Uint8Array> {
    while (await this.#fill());
    return this.#take(this.#buffered);
  }

  /**
   * Reads one response, interim ones (1xx) included.
   *
   * @param options `method` is that of the request, since an answer to `HEAD` has no body.
   * @returns The response; `complete` is false when the peer closed before its end.
   */
  async readResponse(options: { readonly method?: string } = {}): Promise<RawResponse> {
    const head = await this.readUntil(BLANK_LINE);
    if (head === null) return response({ head: await this.readToEnd(), body: null });
    const { status, header } = response({ head, body: null });
    const bodyless = options.method === "HEAD" || status < 200 || status === 204 || status === 304;
    if (bodyless) return response({ head, body: new Uint8Array() });
    if (/\bchunked$/i.test(header("transfer-encoding") ?? "")) {
      return response({ head, body: await this.#readChunks() });
    }
    const length = header("content-length");
    const body = length === null ? this.readToEnd() : this.readBytes(Number(length));
    return response({ head, body: await body });
  }

  /** Closes the connection. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #readChunks(): Promise<Uint8Array | null> {
    const chunks: Uint8Array[] = [];
    for (;;) {
      const size = await this.readUntil(CRLF);
      if (size === null) return null;
      const length = Number.parseInt(new TextDecoder().decode(size), 16);
      if (Number.isNaN(length)) throw new Error(`Cannot read a chunk: its size is ${size}`);
      const chunk = await this.readBytes(length + CRLF.length);
      if (chunk === null) return null;
      if (length === 0) return concat(chunks);
      chunks.push(chunk.subarray(0, length));
    }
  }

  #take(length: number): Uint8Array {
    const joined = this.#joined();
    this.#chunks = [joined.subarray(length)];
    this.#buffered -= length;
    return joined.subarray(0, length);
  }

  #joined(): Uint8Array {
    const joined = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    if (joined !== undefined) return joined;
    const bytes = concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }

  /** Reads once more from the connection, and tells whether there was anything. */
  async #fill(): Promise<boolean> {
    if (this.#ended) return false;
    const chunk = new Uint8Array(65_536);
    const length = await this.#inTime(() => this.#connection.read(chunk));
    if (length === null) {
      this.#ended = true;
      return false;
    }
    this.#chunks.push(chunk.subarray(0, length));
    this.#buffered += length;
    return true;
  }

  /** Reads or writes within the time limit; gives `null` when the connection has ended. */
  async #inTime(operation: () => Promise<number | null>): Promise<number | null> {
    let late = false;
    // Closing is the only way to end an operation that is under way.
    const timer = setTimeout(() => {
      late = true;
      this.close();
    }, this.#timeout);
    try {
      return await operation();
    } catch (error) {
      if (late) throw this.#timeoutError();
      if (this.#closed || isDisconnect(error)) return null;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #timeoutError(): Error {
    const received = JSON.stringify(new TextDecoder().decode(this.#joined().subarray(0, 1_000)));
    return new Error(
      `Cannot go on with the peer: it did nothing for ${this.#timeout} ms after ${received}`,
    );
  }
}

/**
 * Sends one request as it is and reads the answer to it.
 *
 * @param port The TCP port on 127.0.0.1.
 * @param request The whole request, head and body.
 * @param options The time limit of every read and write.
 * @returns The first response that is not an interim one.
 */
export async function rawRequest(
  port: number,
  request: Uint8Array | string,
  options: RawSocketOptions = {},
): Promise<RawResponse> {
  using socket = await RawSocket.connect(port, options);
  // The server may answer, and stop reading, before it has the whole request.
  const sending = socket.write(request);
  try {
    return await readFinal(socket, methodOf(request));
  } finally {
    socket.close();
    await sending;
  }
}

async function readFinal(socket: RawSocket, method: string): Promise<RawResponse> {
  for (;;) {
    const answer = await socket.readResponse({ method });
    if (answer.status !== 100 && answer.status !== 103) return answer;
  }
}

function methodOf(request: Uint8Array | string): string {
  const text = typeof request === "string" ? request : latin1(request.subarray(0, 100));
  return text.slice(0, text.indexOf(" "));
}

function response(
  parts: { readonly head: Uint8Array; readonly body: Uint8Array | null },
): RawResponse {
  // Field values are bytes: a character for each keeps them apart.
  const [statusLine = "", ...lines] = latin1(parts.head).trimEnd().split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const body = parts.body ?? new Uint8Array();
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1] ?? 0),
    statusLine,
    headers,
    body,
    text: new TextDecoder().decode(body),
    complete: parts.body !== null,
    header(name) {
      const values = headers.filter(([other]) => other.toLowerCase() === name.toLowerCase());
      return values.length === 0 ? null : values.map(([, value]) => value).join(", ");
    },
  };
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

function indexOf(
  bytes: Uint8Array,
  search: { readonly delimiter: Uint8Array; readonly from: number },
): number {
  const { delimiter, from } = search;
  for (let start = from; start <= bytes.length - delimiter.length; start++) {
    if (delimiter.every((byte, index) => bytes[start + index] === byte)) return start;
  }
  return -1;
}

function isDisconnect(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.NotConnected;
}
