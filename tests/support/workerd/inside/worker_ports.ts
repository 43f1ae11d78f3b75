/**
 * Ports that an application inside workerd listens on. The runtime listens; which application answers is
 * told by the socket that a request came in on.
 *
 * @module
 */
import {
  type ConnectionInfo,
  detectPlatform,
  type Platform,
  type PlatformServer,
} from "../../../../src/platform/platform.ts";

/** The request header field that names the socket; the configuration of workerd puts it there. */
export const SOCKET_FIELD = "x-test-socket";

type Handler = Parameters<Platform["serve"]>[1];

const free: number[] = [];
const ports = new Map<string, number>();
const servers = new Map<number, WorkerServer>();

/** Tells the ports of the sockets, once. */
export function setPorts(found: Readonly<Record<string, number>>): void {
  if (ports.size > 0) return;
  for (const [name, port] of Object.entries(found)) {
    ports.set(name, port);
    free.push(port);
  }
}

/** Answers a request as the application that listens there. */
export async function answer(request: Request, info: ConnectionInfo): Promise<Response> {
  const headers = new Headers(request.headers);
  const name = headers.get(SOCKET_FIELD) ?? "";
  headers.delete(SOCKET_FIELD);
  const server = servers.get(ports.get(name) ?? 0);
  if (server === undefined) return new Response("Nobody listens here", { status: 503 });
  return await server.answer(new Request(request, { headers }), info);
}

/** A server on one of the ports. */
class WorkerServer implements PlatformServer {
  readonly addr: PlatformServer["addr"];
  readonly finished: Promise<void>;
  readonly #handler: Handler;
  readonly #finished = Promise.withResolvers<void>();
  readonly #port: number;
  #pending = 0;
  #stopped = false;

  constructor(port: number, handler: Handler) {
    this.#port = port;
    this.#handler = handler;
    this.addr = { transport: "tcp", hostname: "127.0.0.1", port };
    this.finished = this.#finished.promise;
  }

  async answer(request: Request, info: ConnectionInfo): Promise<Response> {
    this.#pending++;
    try {
      return await this.#handler(request, info);
    } finally {
      this.#pending--;
      this.#settle();
    }
  }

  shutdown(): Promise<void> {
    if (!this.#stopped) {
      this.#stopped = true;
      servers.delete(this.#port);
      free.push(this.#port);
    }
    this.#settle();
    return this.finished;
  }

  #settle(): void {
    if (this.#stopped && this.#pending === 0) this.#finished.resolve();
  }
}

const serve: Platform["serve"] = ({ port: wanted = 0 }, handler) => {
  const port = wanted === 0 ? free.shift() : undefined;
  if (port === undefined) throw new Error(`Cannot listen on port ${wanted}: none is free`);
  const server = new WorkerServer(port, handler);
  servers.set(port, server);
  return server;
};

Object.defineProperty(detectPlatform(), "serve", { value: serve });
