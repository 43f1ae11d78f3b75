/**
 * A server that breaks the rules of HTTP, one connection at a time.
 *
 * @module
 */

/** One connection to the hostile server. */
export interface HostileConnection {
  /** The head of the request, as it came. */
  readonly head: string;
  /** Sends text as Latin-1, or bytes. */
  send(data: string | Uint8Array): Promise<void>;
  /**
   * Reads until the client has closed the connection, which gives true, or for 5 s.
   *
   * @param onData Is called with what was read.
   */
  gone(onData?: (data: Uint8Array) => void): Promise<boolean>;
  /** Settles when the test ends, without anything being read. */
  readonly ended: Promise<void>;
}

/** A running hostile server. */
export interface HostileServer extends AsyncDisposable {
  /** The TCP port on 127.0.0.1. */
  readonly port: number;
  /** The beginning of its URLs. */
  readonly origin: string;
  /** How many connections are open. */
  readonly open: number;
  /** How many there have been. */
  readonly accepted: number;
}

const PATIENCE = 5_000;

/**
 * Starts a server that treats every connection the same way, and closes it then.
 *
 * @param treat What happens to a connection when the head of its request has come.
 * @returns The server, to be bound with `await using`.
 */
export function hostileServer(
  treat: (connection: HostileConnection) => void | Promise<void>,
): HostileServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.TcpConn>();
  const treatments = new Set<Promise<void>>();
  const end = Promise.withResolvers<void>();
  let accepted = 0;
  const serve = async (connection: Deno.TcpConn) => {
    connections.add(connection);
    accepted++;
    try {
      await treat(await connect(connection, end.promise));
    } catch {
      // The client has left, as it should.
    } finally {
      connections.delete(connection);
      close(connection);
    }
  };
  const accepting = (async () => {
    for await (const connection of listener) {
      const treatment = serve(connection).finally(() => treatments.delete(treatment));
      treatments.add(treatment);
    }
  })();
  return {
    port: listener.addr.port,
    origin: `http://127.0.0.1:${listener.addr.port}`,
    get open() {
      return connections.size;
    },
    get accepted() {
      return accepted;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      end.resolve();
      for (const connection of connections) close(connection);
      await accepting;
      await Promise.all(treatments);
    },
  };
}

async function connect(
  connection: Deno.TcpConn,
  ended: Promise<void>,
): Promise<HostileConnection> {
  const head = await readHead(connection);
  return {
    head,
    async send(data) {
      const bytes = typeof data === "string" ? latin1(data) : data;
      for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
    },
    gone: (onData) => drained(connection, onData),
    ended,
  };
}

async function readHead(connection: Deno.TcpConn): Promise<string> {
  const chunk = new Uint8Array(16_384);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const length = await connection.read(chunk);
    if (length === null) break;
    head += new TextDecoder("latin1").decode(chunk.subarray(0, length));
  }
  return head;
}

async function drained(
  connection: Deno.TcpConn,
  onData: (data: Uint8Array) => void = () => {},
): Promise<boolean> {
  const timer = setTimeout(() => close(connection), PATIENCE);
  const chunk = new Uint8Array(16_384);
  try {
    for (let read = await connection.read(chunk); read !== null;) {
      onData(chunk.slice(0, read));
      read = await connection.read(chunk);
    }
    return true;
  } catch (error) {
    return error instanceof Deno.errors.ConnectionReset;
  } finally {
    clearTimeout(timer);
  }
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It was closed before.
  }
}
