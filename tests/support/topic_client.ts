/**
 * A client of `gustnado.v1.json`, which sends what a test says, whether or not it should.
 *
 * @module
 */
import type { WebSocketClientConnection } from "../../src/websocket/client/web_socket_client_connection.ts";
import {
  websocketConnect,
  type WebSocketConnectOptions,
} from "../../src/websocket/client/websocket_connect.ts";

/** A line of the server's. */
export type ServerLine = Readonly<Record<string, unknown>>;

/** How a client begins. */
export interface TopicClientOptions extends WebSocketConnectOptions {
  /** What the hello has; `null` for none, `undefined` for no hello. */
  readonly token?: string | null;
  /** Where the handler is. Default `/topics`. */
  readonly path?: string;
  /** Lines in the frame of the hello. */
  readonly lines?: readonly object[];
}

/** One connection. */
export class TopicClient implements AsyncDisposable {
  readonly #connection: WebSocketClientConnection;
  readonly #lines: ServerLine[] = [];
  /** What the server said of the session. */
  welcome: ServerLine = {};
  /** How many frames have come. */
  frames = 0;

  constructor(connection: WebSocketClientConnection) {
    this.#connection = connection;
  }

  /** Connects, and says hello, unless `silent`. */
  static async connect(
    port: number,
    { token = null, lines = [], ...options }: TopicClientOptions = {},
  ): Promise<TopicClient> {
    const client = await TopicClient.silent(port, options);
    client.send({ type: "hello", token }, ...lines);
    client.welcome = await client.next("welcome");
    return client;
  }

  /** Connects, and says nothing. */
  static async silent(
    port: number,
    { path = "/topics", ...options }: WebSocketConnectOptions & { readonly path?: string } = {},
  ): Promise<TopicClient> {
    const url = `ws://127.0.0.1:${port}${path}`;
    return new TopicClient(
      await websocketConnect(url, { protocols: ["gustnado.v1.json"], ...options }),
    );
  }

  /** Sends lines in one frame. */
  send(...lines: readonly object[]): void {
    this.raw(lines.map((line) => JSON.stringify(line)).join("\n"));
  }

  /** Sends a frame as it is. */
  raw(frame: string | Uint8Array): void {
    this.#connection.writeMessage(frame).catch(() => {});
  }

  /**
   * The next line.
   *
   * @param type What it has to be.
   */
  async next(type?: string): Promise<ServerLine> {
    while (this.#lines.length === 0) {
      const frame = await this.#connection.readMessage();
      if (frame === null) {
        const { closeCode, closeReason } = this.#connection;
        throw new Error(`Expected a line, but it was closed: ${closeCode} ${closeReason}`);
      }
      this.frames++;
      this.#lines.push(...String(frame).split("\n").map((line) => JSON.parse(line)));
    }
    const line = this.#lines.shift() ?? {};
    if (type === undefined || line.type === type) return line;
    throw new Error(`Expected a line of the type ${type}, got ${JSON.stringify(line)}`);
  }

  /** So many lines. */
  async take(count: number): Promise<ServerLine[]> {
    const lines: ServerLine[] = [];
    while (lines.length < count) lines.push(await this.next());
    return lines;
  }

  /** Sends a request, and gives the next line. */
  async ask(line: object): Promise<ServerLine> {
    this.send(line);
    return await this.next();
  }

  /** Waits until the server has closed the connection. */
  async closed(): Promise<{ code: number | null; reason: string | null }> {
    while (await this.#connection.readMessage() !== null);
    const { closeCode, closeReason } = this.#connection;
    return { code: closeCode, reason: closeReason };
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    this.#connection.close();
    await this.closed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
