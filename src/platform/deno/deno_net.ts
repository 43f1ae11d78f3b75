/**
 * Sockets of Deno, in the shape that `src/net` uses.
 *
 * @module
 */

import { UnsupportedFeatureError } from "../unsupported_feature_error.ts";

/**
 * The two ends of a TCP connection have such addresses.
 *
 * @category Sockets
 */
export interface TcpAddress {
  /** Always `"tcp"`. */
  readonly transport: "tcp";
  /** The IP address; an IPv4 address in IPv6 form is given in its own form. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/**
 * The address of a Unix domain socket; a client's has no path.
 *
 * @category Sockets
 */
export interface UnixAddress {
  /** Always `"unix"`. */
  readonly transport: "unix";
  /** Where the socket is in the file system, or `""`. */
  readonly path: string;
}

/**
 * Where a connection comes from or goes to.
 *
 * @category Sockets
 */
export type SocketAddress = TcpAddress | UnixAddress;

/**
 * The socket of a connection that is a stream of bytes, as the runtime gives it.
 *
 * @category Sockets
 */
export interface StreamSocket extends Disposable {
  /** Reads into a buffer; `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes at least one byte and says how many. */
  write(data: Uint8Array): Promise<number>;
  /** Tells the peer that nothing more comes. */
  closeWrite(): Promise<void>;
  /** Closes both ways; pending reads and writes fail. Nothing if it is closed already. */
  [Symbol.dispose](): void;
  /** Only TCP: whether small packets are sent at once. */
  setNoDelay?(noDelay: boolean): void;
  /** Only TLS: completes the handshake, which otherwise the first read or write does. */
  handshake?(): Promise<unknown>;
}

/**
 * The socket of a connection that was accepted, and who opened it.
 *
 * @category Sockets
 */
export interface AcceptedSocket {
  /** The socket. */
  readonly socket: StreamSocket;
  /** The address of the peer. */
  readonly address: SocketAddress;
}

/**
 * A socket that takes connections.
 *
 * @category Sockets
 */
export interface SocketListener {
  /** Where it listens. */
  readonly address: SocketAddress;
  /** Waits for a connection; fails when the listener is closed. */
  accept(): Promise<AcceptedSocket>;
  /** Takes no more connections. */
  close(): void;
}

/**
 * The certificate of a TLS server.
 *
 * @category Sockets
 */
export interface TlsServerOptions {
  /** The certificate chain, PEM. */
  readonly cert: string;
  /** The private key, PEM. */
  readonly key: string;
}

/**
 * How a TLS client verifies its server.
 *
 * @category Sockets
 */
export interface TlsClientOptions {
  /** The name the server's certificate must have. Default: the host of the connection. */
  readonly serverHostname?: string;
  /** Certificate authorities to trust besides those of the runtime, PEM. */
  readonly caCerts?: readonly string[];
  /** Protocols to offer, preferred ones first. */
  readonly alpnProtocols?: readonly string[];
}

/** How a TCP socket listens. */
export interface ListenTcpOptions {
  /** The address to listen on. */
  readonly hostname: string;
  /** The port; 0 for any that is free. */
  readonly port: number;
  /** How many connections may wait to be accepted. Default: the runtime's. */
  readonly backlog?: number | undefined;
  /** Makes it a TLS socket. */
  readonly tls?: TlsServerOptions | undefined;
}

/** Listens on a TCP port. */
export function listenTcp({ hostname, port, backlog, tls }: ListenTcpOptions): SocketListener {
  requireSockets();
  const options = { hostname, port, ...(backlog === undefined ? {} : { tcpBacklog: backlog }) };
  return toSocketListener(
    tls === undefined ? Deno.listen(options) : Deno.listenTls({ ...options, ...tls }),
  );
}

/** Listens on a Unix domain socket, which must not exist yet. */
export function listenUnix(path: string, mode: number): SocketListener {
  requireSockets();
  const listener = Deno.listen({ transport: "unix", path });
  Deno.chmodSync(path, mode);
  return toSocketListener(listener);
}

/**
 * Removes a socket file that a server has left behind.
 *
 * @throws {TypeError} If there is a file of another kind.
 */
export function removeStaleSocket(path: string): void {
  requireSockets();
  const file = statIfPresent(path);
  if (file === undefined) return;
  if (!file.isSocket) {
    throw new TypeError(`Cannot listen on "${path}": a file that is no socket is there`);
  }
  Deno.removeSync(path);
}

/**
 * Puts an empty file in the place of a socket, which refuses every connection. The runtime removes
 * whatever is at the path when it closes the socket: another server must not listen there before.
 */
export function blockSocketPath(path: string): void {
  const blocker = `${path}.closing`;
  try {
    Deno.writeFileSync(blocker, new Uint8Array());
    Deno.renameSync(blocker, path);
  } catch {
    // It is gone already, or may not be changed: then who connects is served, too.
  }
}

/** Connects to a TCP port; names are resolved, and IPv6 and IPv4 tried side by side. */
export async function connectTcp(
  hostname: string,
  port: number,
  signal: AbortSignal,
): Promise<StreamSocket> {
  requireSockets();
  return await Deno.connect({ hostname, port, signal });
}

/** Connects to a Unix domain socket. */
export async function connectUnix(path: string): Promise<StreamSocket> {
  requireSockets();
  return await Deno.connect({ transport: "unix", path });
}

/**
 * Makes a TLS client of a TCP connection, which must not be used any more, and shakes hands.
 *
 * @throws {TypeError} If the connection is not TCP.
 */
export async function startTls(
  socket: StreamSocket,
  hostname: string,
  options: TlsClientOptions,
): Promise<StreamSocket> {
  if (!isTcpConn(socket)) {
    throw new TypeError("Cannot start TLS: it needs a TCP connection that has no TLS yet");
  }
  return await Deno.startTls(socket, {
    hostname: options.serverHostname ?? hostname,
    caCerts: [...options.caCerts ?? []],
    ...(options.alpnProtocols === undefined ? {} : { alpnProtocols: [...options.alpnProtocols] }),
  });
}

function isTcpConn(socket: StreamSocket): socket is Deno.TcpConn {
  return "setNoDelay" in socket && "remoteAddr" in socket;
}

function toSocketListener(listener: Deno.Listener): SocketListener {
  return {
    address: toSocketAddress(listener.addr),
    accept: async () => {
      const socket = await listener.accept();
      return { socket, address: toSocketAddress(socket.remoteAddr) };
    },
    close: () => listener.close(),
  };
}

function toSocketAddress(address: Deno.Addr): SocketAddress {
  if (address.transport === "tcp" || address.transport === "udp") {
    const hostname = address.hostname.replace(/^::ffff:(?=\d+\.)/, "");
    return { transport: "tcp", hostname, port: address.port };
  }
  return { transport: "unix", path: "path" in address ? address.path ?? "" : "" };
}

function statIfPresent(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function requireSockets(): void {
  if (typeof Deno === "undefined") throw new UnsupportedFeatureError("sockets", "Deno");
}
