/** TCP and TLS for the client of NATS, whose errors cannot end the process. */
import { createConnection, type Socket } from "node:net";
import { connect as connectTLS, type TLSSocket } from "node:tls";
import { NatsConnectionImpl, setTransportFactory } from "@nats-io/transport-node";
import type { ConnectionOptions, NatsConnection } from "@nats-io/transport-node";
import { nodeResolveHost, NodeTransport } from "@nats-io/transport-node/lib/node_transport.js";

/**
 * Connects as the library's `connect` does.
 *
 * @throws {Error} The promise rejects if no server takes the connection.
 */
export function connectSteadily(options: ConnectionOptions): Promise<NatsConnection> {
  setTransportFactory({ factory: () => new SteadyTransport(), dnsResolveFn: nodeResolveHost });
  return NatsConnectionImpl.connect(options);
}

/** Where a server is. */
interface ServerPlace {
  readonly hostname: string;
  readonly port: number;
}

/**
 * The library's own takes the listeners off a socket when it is open, and when it has given it up. An error
 * that comes then, such as the reset of a server that ends, is nobody's: the runtime ends the process.
 */
class SteadyTransport extends NodeTransport {
  #hostname = "";

  /** Connects by TCP. */
  override async dial({ hostname, port }: ServerPlace): Promise<Socket> {
    this.#hostname = hostname;
    const socket = this.socket = keepListening(createConnection(port, hostname));
    await opened(socket, "connect");
    socket.setNoDelay(true);
    return socket;
  }

  /** Connects by TLS. */
  override async tlsFirst(server: ServerPlace): Promise<TLSSocket> {
    return await this.#secure(await this.dial(server));
  }

  /** Goes over to TLS. */
  override startTLS(): Promise<TLSSocket> {
    return this.#secure(this.socket);
  }

  /** Ends it. The library leaves a socket open that has not said anything in time. */
  override async close(error?: Error): Promise<void> {
    if (!this.connected) this.discard();
    await super.close(error);
  }

  async #secure(socket: Socket): Promise<TLSSocket> {
    const { ca, cert, key } = this.options.tls ?? {};
    const secured = keepListening(connectTLS({
      socket,
      servername: this.tlsName,
      // The certificate of a server that has no name is for its address.
      host: this.tlsName || this.#hostname,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    }));
    await opened(secured, "secureConnect");
    return secured;
  }
}

/** Settles when a socket is open; rejects with its error. */
function opened(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let reason: Error | undefined;
  socket.once(event, resolve);
  socket.on("error", (error: Error) => reason = error);
  socket.once("close", () => reject(reason ?? new Error("the server ended the connection")));
  return promise;
}

/** Whoever takes all listeners off leaves this one. */
function keepListening<T extends Socket>(socket: T): T {
  const removeAll = socket.removeAllListeners.bind(socket);
  socket.removeAllListeners = (...events) => {
    removeAll(...events);
    socket.on("error", ignore);
    return socket;
  };
  socket.on("error", ignore);
  return socket;
}

function ignore(): void {
  // The connection tells of its end by itself.
}
