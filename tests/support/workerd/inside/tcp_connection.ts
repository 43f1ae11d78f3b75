/**
 * TCP connections that a worker opens, in the shape of Deno's.
 *
 * @module
 */

/** A socket of the runtime. */
interface WorkerSocket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly opened: Promise<unknown>;
  close(): Promise<void>;
}

/** The module of the runtime that opens them. */
interface SocketModule {
  connect(
    address: { readonly hostname: string; readonly port: number },
    options: { readonly allowHalfOpen: boolean },
  ): WorkerSocket;
}

class ConnectionReset extends Error {}
class ConnectionAborted extends Error {}
class ConnectionRefused extends Error {}
class BrokenPipe extends Error {}
class NotConnected extends Error {}
class NotFound extends Error {}
class Interrupted extends Error {}
class BadResource extends Error {}

/** The errors of Deno that are looked for. */
export const errors: Readonly<Record<string, new (message?: string) => Error>> = {
  ConnectionReset,
  ConnectionAborted,
  ConnectionRefused,
  BrokenPipe,
  NotConnected,
  NotFound,
  Interrupted,
  BadResource,
};

// A name that bundlers do not look for.
const SOCKETS = ["cloudflare", "sockets"].join(":");

/** As `Deno.connect`. */
export async function connect(
  { hostname = "127.0.0.1", port }: { readonly hostname?: string; readonly port: number },
): Promise<TcpConnection> {
  const module: SocketModule = await import(SOCKETS);
  const socket = module.connect({ hostname, port }, { allowHalfOpen: true });
  try {
    await socket.opened;
  } catch (cause) {
    throw Object.assign(new ConnectionRefused(`Nobody listens on port ${port}`), { cause });
  }
  return new TcpConnection(socket);
}

/** A connection. */
export class TcpConnection {
  readonly #socket: WorkerSocket;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #rest: Uint8Array | undefined;
  #closed = false;

  /** @param socket One that is open. */
  constructor(socket: WorkerSocket) {
    this.#socket = socket;
    this.#reader = socket.readable.getReader();
    this.#writer = socket.writable.getWriter();
  }

  /** Reads what there is, as much as fits; `null` at the end. */
  async read(into: Uint8Array): Promise<number | null> {
    const chunk = this.#rest ?? await this.#next();
    if (chunk === null) return null;
    const length = Math.min(chunk.length, into.length);
    into.set(chunk.subarray(0, length));
    this.#rest = length < chunk.length ? chunk.subarray(length) : undefined;
    return length;
  }

  /** Writes all of it. */
  async write(bytes: Uint8Array): Promise<number> {
    try {
      await this.#writer.write(bytes.slice());
    } catch (cause) {
      throw Object.assign(new BrokenPipe("The peer has closed the connection"), { cause });
    }
    return bytes.length;
  }

  /** Writes no more. */
  closeWrite(): Promise<void> {
    return this.#writer.close();
  }

  /** Ends it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close().catch(() => {});
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #next(): Promise<Uint8Array | null> {
    try {
      const { done, value } = await this.#reader.read();
      return done ? null : value;
    } catch (cause) {
      throw Object.assign(new ConnectionReset("The connection was reset"), { cause });
    }
  }
}
