/** A runtime that listens nowhere: requests and WebSockets of one process reach a server through it. */
import { toBase64 } from "../../http/byte_text.ts";
import type {
  ClientWebSocketInit,
  ConnectionInfo,
  ListenAddress,
  Platform,
  PlatformServer,
  Upgrade,
} from "../../platform/platform.ts";
import { MemoryWebSocket } from "../web_socket/memory_web_socket.ts";

type Handler = (request: Request, info: ConnectionInfo) => Response | Promise<Response>;

/** What a client in memory is told of a handshake. */
export interface MemoryHandshake {
  /** The address that the client has. */
  readonly remoteIp: string;
  /** Is told what the server has answered. */
  readonly onResponse: (response: Response) => void;
}

/** The only server of a platform in memory, and the way to it. */
export class MemoryServer implements PlatformServer {
  /** Made up. */
  readonly addr: ListenAddress = { transport: "tcp", hostname: "127.0.0.1", port: 80 };
  readonly finished: Promise<void>;
  /** What the server is made with: the runtime's own, but for what concerns connections. */
  readonly platform: Platform;

  readonly #upgrades = new WeakMap<Request, MemoryWebSocket>();
  readonly #finished = Promise.withResolvers<void>();
  #handler: Handler | undefined;
  #pending = 0;
  #port = 49_152;

  /** @param runtime The platform of the application. */
  constructor(runtime: Platform) {
    this.finished = this.#finished.promise;
    this.platform = {
      ...runtime,
      name: `${runtime.name}, in memory`,
      serve: (_options, handler) => {
        this.#handler = handler;
        return this;
      },
      upgradeWebSocket: (request, { idleTimeout }) => this.#upgrade(request, idleTimeout),
      isUpgrade: (request, response) =>
        this.#upgrades.has(request) || runtime.isUpgrade(request, response),
    };
  }

  /**
   * Answers a request.
   *
   * @param remoteIp The address that the client has.
   * @throws {Error} The promise rejects if the server has stopped.
   */
  async fetch(request: Request, remoteIp: string): Promise<Response> {
    const response = await this.#answer(request, remoteIp);
    // Who asks for a WebSocket so has no other end for it.
    if (response.status === 101) this.#upgrades.get(request)?.terminate();
    return response;
  }

  async #answer(request: Request, remoteIp: string): Promise<Response> {
    const handler = this.#handler;
    if (handler === undefined) {
      throw new Error(`Cannot ${request.method} ${request.url}: the server has stopped`);
    }
    this.#pending++;
    try {
      return await handler(request, { remoteAddr: this.#addressOf(remoteIp) });
    } finally {
      this.#pending--;
      this.#settle();
    }
  }

  /** A function that opens WebSockets to the server. */
  opener(handshake: MemoryHandshake): (url: string, init: ClientWebSocketInit) => WebSocket {
    return (url, init) => {
      const socket = new MemoryWebSocket();
      this.#connect(socket, handshakeRequest(url, init), handshake)
        .catch((error) => socket.fail(error));
      return asNative(socket);
    };
  }

  /** Takes no more requests; settles when those under way are answered. */
  shutdown(): Promise<void> {
    this.#handler = undefined;
    this.#settle();
    return this.finished;
  }

  #settle(): void {
    if (this.#handler === undefined && this.#pending === 0) this.#finished.resolve();
  }

  async #connect(
    client: MemoryWebSocket,
    request: Request,
    { remoteIp, onResponse }: MemoryHandshake,
  ): Promise<void> {
    const response = await this.#answer(request, remoteIp);
    onResponse(response);
    const server = this.#upgrades.get(request);
    if (server === undefined || response.status !== 101) {
      await response.body?.cancel();
      throw new Error(`Invalid status code: ${response.status}`);
    }
    client.protocol = response.headers.get("sec-websocket-protocol") ?? "";
    MemoryWebSocket.connect(server, client);
    // It was given up in the meantime.
    if (client.readyState === 3) server.terminate();
  }

  #upgrade(request: Request, idleTimeout: number): Upgrade {
    const socket = new MemoryWebSocket(idleTimeout);
    this.#upgrades.set(request, socket);
    return { socket: asNative(socket), response: switchingProtocols() };
  }

  #addressOf(hostname: string): NonNullable<ConnectionInfo["remoteAddr"]> {
    this.#port = this.#port === 65_535 ? 49_152 : this.#port + 1;
    return { transport: "tcp", hostname, port: this.#port };
  }
}

/** Some runtimes let nobody make a response of this status. */
function switchingProtocols(): Response {
  return Object.defineProperty(new Response(), "status", { value: 101 });
}

/** What is used of a native socket, it has. */
function asNative(socket: MemoryWebSocket): WebSocket {
  return socket as unknown as WebSocket;
}

/** The request of a client (RFC 6455 §4.1). */
function handshakeRequest(url: string, { headers, protocols }: ClientWebSocketInit): Request {
  const fields = new Headers(headers);
  fields.set("host", new URL(url).host);
  fields.set("connection", "Upgrade");
  fields.set("upgrade", "websocket");
  fields.set("sec-websocket-version", "13");
  fields.set("sec-websocket-key", toBase64(crypto.getRandomValues(new Uint8Array(16))));
  if (protocols.length > 0) fields.set("sec-websocket-protocol", protocols.join(", "));
  return new Request(url.replace(/^ws/, "http"), { headers: fields });
}
