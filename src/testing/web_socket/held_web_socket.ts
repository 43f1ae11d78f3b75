/** A WebSocket and the end of it that is in memory, if it is. */
import type {
  WebSocketClientConnection,
  WebSocketMessage,
} from "../../websocket/client/web_socket_client_connection.ts";
import type { MemoryWebSocket } from "./memory_web_socket.ts";
import { TestWebSocket } from "./test_web_socket.ts";

/** What every {@linkcode TestWebSocket} is in truth. */
export class HeldWebSocket extends TestWebSocket {
  readonly #connection: WebSocketClientConnection;
  readonly #end: () => MemoryWebSocket | undefined;

  /** @param end The end that is in memory now: a connection that is opened again has another. */
  constructor(connection: WebSocketClientConnection, end: () => MemoryWebSocket | undefined) {
    super();
    this.#connection = connection;
    this.#end = end;
  }

  override get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  override get selectedSubprotocol(): string | null {
    return this.#connection.selectedSubprotocol;
  }

  override get closeCode(): number | null {
    return this.#connection.closeCode;
  }

  override get closeReason(): string | null {
    return this.#connection.closeReason;
  }

  override get closed(): Promise<void> {
    return this.#connection.closed;
  }

  override readMessage(): Promise<WebSocketMessage | null> {
    return this.#connection.readMessage();
  }

  override writeMessage(message: WebSocketMessage | object): Promise<void> {
    return this.#connection.writeMessage(message);
  }

  override close(code?: number, reason?: string): void {
    this.#connection.close(code, reason);
  }

  override pause(): void {
    this.#memory("pause").pause();
  }

  override resume(): void {
    this.#memory("resume").resume();
  }

  override drop(): void {
    this.#memory("drop").terminate();
  }

  #memory(action: string): MemoryWebSocket {
    const end = this.#end();
    if (end !== undefined) return end;
    throw new Error(`Cannot ${action}() a WebSocket over a socket: leave out the option "socket"`);
  }
}
