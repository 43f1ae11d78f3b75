/**
 * A native WebSocket of which a test says when its bytes leave, and when it ends.
 *
 * @module
 */
import { denoPlatform } from "../../src/platform/deno/deno_platform.ts";
import { Application } from "../../src/web/application.ts";
import type { ApplicationSettings } from "../../src/web/application_settings.ts";
import { byteLength, type Chunk } from "../../src/http/body/chunk.ts";
import type { HandlerClass } from "../../src/web/handler_traits.ts";

/** The header fields of a handshake. */
export const HANDSHAKE = {
  connection: "upgrade",
  upgrade: "websocket",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-version": "13",
} as const;

/** What the runtime is to a connection. It sends nothing by itself. */
export class FakeWebSocket extends EventTarget {
  /** As of a native one: 1 is open, 2 closing, 3 closed. */
  readyState = 0;
  /** As of a native one, or of workerd's, which has none. */
  bufferedAmount: number | undefined = 0;
  /** What was handed over. */
  readonly sent: Chunk[] = [];
  /** The close frames that were, as `code reason`. */
  readonly closes: string[] = [];
  /** Whether the connection was dropped. */
  terminated = false;

  /** As of a native one. */
  send(message: Chunk): void {
    this.sent.push(message);
    if (this.bufferedAmount !== undefined) this.bufferedAmount += byteLength(message);
  }

  /** As of a native one. */
  close(code?: number, reason?: string): void {
    this.readyState = 2;
    this.closes.push(`${code} ${reason ?? ""}`.trim());
  }

  /** The handshake is over. */
  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  /** The peer reads so many bytes, all of them unless given. */
  read(bytes: number = Infinity): void {
    if (this.bufferedAmount !== undefined) {
      this.bufferedAmount = Math.max(0, this.bufferedAmount - bytes);
    }
  }

  /** The peer sends a message. */
  receive(data: string): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  /** The connection ends; 0 is the code of one without a close frame. */
  end(code = 0): void {
    this.readyState = 3;
    this.bufferedAmount = 0;
    this.dispatchEvent(new CloseEvent("close", { code, wasClean: code !== 0 }));
  }
}

/** An application with one route whose sockets are fakes. */
export class FakeServer implements Disposable {
  /** The application. */
  readonly app: Application;
  /** What the runtime was told of each socket. */
  readonly idleTimeouts: number[] = [];
  readonly #made: FakeWebSocket[] = [];

  /**
   * @param handler The handler of `/`.
   * @param settings Settings of the application.
   */
  constructor(handler: HandlerClass, settings: ApplicationSettings = {}) {
    const platform = {
      ...denoPlatform(),
      upgradeWebSocket: (_: Request, { idleTimeout }: { idleTimeout: number }) => {
        const socket = new FakeWebSocket();
        this.#made.push(socket);
        this.idleTimeouts.push(idleTimeout);
        return {
          socket: socket as unknown as WebSocket,
          // Some runtimes let nobody make one of this status.
          response: Object.defineProperty(new Response(), "status", { value: 101 }),
        };
      },
      terminate: (socket: WebSocket) => {
        (socket as unknown as FakeWebSocket).terminated = true;
      },
    };
    this.app = new Application([["/", handler]], { ...settings, platform });
  }

  /**
   * The last socket that was made.
   *
   * @throws {Error} If there is none.
   */
  get last(): FakeWebSocket {
    const socket = this.#made.at(-1);
    if (socket === undefined) throw new Error("No WebSocket was made");
    return socket;
  }

  /**
   * Opens a connection.
   *
   * @throws {Error} If the handshake was refused.
   */
  async connect(): Promise<FakeWebSocket> {
    const { status } = await this.app.fetch(
      new Request("http://localhost/", { headers: HANDSHAKE }),
    );
    if (status !== 101) throw new Error(`Refused with ${status}`);
    this.last.open();
    return this.last;
  }

  /** Ends every connection. */
  [Symbol.dispose](): void {
    for (const socket of this.#made) socket.end();
  }
}
