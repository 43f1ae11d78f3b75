/** What is used of Bun, in types: its own come with a package that applications may not have. */
import type { BunWebSocketHooks, ConnectionInfo } from "../platform.ts";

/** A server of Bun's, which it also passes to whoever answers. */
export interface BunServer {
  /** Where it listens; a path of a Unix socket. */
  readonly address: { readonly address: string; readonly port: number } | string | null;
  /** What it speaks: `"http"`, `"https"`, or `null` over a Unix socket. */
  readonly protocol?: string | null;
  /** The address of the client; `null` over a Unix socket, and when the response has left. */
  requestIP(request: Request): { readonly address: string; readonly port: number } | null;
  /** Makes a WebSocket of a request: tells whether the client was still there. */
  upgrade(request: Request, options: { data: unknown; headers: Headers }): boolean;
  /** Sets the seconds without traffic after which a request is cut; 0 for never. */
  timeout(request: Request, seconds: number): void;
  /** Accepts no more, and settles when what is in flight is done; with `true` at once. */
  stop(closeActiveConnections?: boolean): Promise<void>;
  /** Closes the connections that ask for nothing. */
  closeIdleConnections?(): void;
}

/** The other end of a WebSocket, as Bun gives it to its hooks. */
export interface BunSocket {
  /** What was passed to `upgrade`. */
  readonly data: unknown;
  /** How binary messages come. */
  binaryType: string;
  /** Sends a message. */
  send(message: string | Uint8Array, compress: boolean): number;
  /** Sends a ping. */
  ping(data: string | Uint8Array): number;
  /** Sends a close frame, and is closed. */
  close(code?: number, reason?: string): void;
  /** Drops the connection. */
  terminate(): void;
  /** Bytes that have not left. */
  getBufferedAmount(): number;
}

/** What `Bun.serve` takes. */
export interface BunServeOptions {
  readonly port?: number;
  readonly hostname?: string;
  readonly unix?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly idleTimeout: number;
  readonly maxRequestBodySize: number;
  readonly development: boolean;
  readonly reusePort: boolean;
  readonly websocket: BunWebSocketHooks;
  fetch(
    request: Request,
    server: BunServer,
  ): Response | undefined | Promise<Response | undefined>;
  error(error: unknown): Response;
}

/** The global `Bun`. */
export interface BunGlobal {
  /** The path of the main module. */
  readonly main: string;
  /** Starts a server. */
  serve(options: BunServeOptions): BunServer;
}

/** The global `Bun` of the runtime at hand. */
export function bun(): BunGlobal {
  return (globalThis as unknown as { readonly Bun: BunGlobal }).Bun;
}

/** Whether a value is a server of Bun's. */
export function isBunServer(value: ConnectionInfo | undefined): value is BunServer {
  return value?.requestIP !== undefined && "upgrade" in value;
}
