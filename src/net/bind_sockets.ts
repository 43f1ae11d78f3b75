import { shown } from "../checks/shown.ts";
import { checkWholeNumber } from "../checks/number_check.ts";
import {
  checkOptions,
  COUNT,
  type OptionType,
  type OptionTypes,
  STRING,
} from "../checks/option_check.ts";
import {
  listenTcp,
  listenUnix,
  removeStaleSocket,
  type SocketListener,
  type TlsServerOptions,
} from "../platform/deno/deno_net.ts";
import { checkTlsServer, TLS_SERVER } from "./iostream/stream_options.ts";

/**
 * How {@linkcode bindSockets} listens.
 *
 * @category Sockets
 */
export interface BindSocketsOptions {
  /**
   * The address to listen on. Default: every address of the machine, IPv6 and IPv4, or IPv4 alone
   * where there is no IPv6.
   */
  readonly hostname?: string | undefined;
  /** How many connections may wait to be accepted. Default: 511. */
  readonly backlog?: number | undefined;
  /** Makes it TLS. */
  readonly tls?: TlsServerOptions | undefined;
}

/**
 * How {@linkcode bindUnixSocket} listens.
 *
 * @category Sockets
 */
export interface BindUnixSocketOptions {
  /** The permissions of the socket file. Default: `0o600`, the owner alone. */
  readonly mode?: number | undefined;
}

const BIND_OPTIONS: OptionTypes = { hostname: STRING, backlog: COUNT, tls: TLS_SERVER };

const MODE: OptionType = {
  name: "a whole number from 0 to 0o777",
  test: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0o777,
};

/**
 * Listens on a TCP port (`tornado.netutil.bind_sockets`).
 *
 * @param port The port, 0 for any that is free.
 * @param options Where and how to listen.
 * @returns One socket. It is an array because Tornado's is: there each address family has its own.
 * @throws {RangeError} If there is no such port.
 * @throws {TypeError} If the port is not a number, or an option unknown or ill-typed.
 *
 * @example
 * ```ts
 * import { bindSockets } from "@gustnado/gustnado";
 *
 * for (const socket of bindSockets(0, { hostname: "127.0.0.1" })) socket.close();
 * ```
 *
 * @category Sockets
 */
export function bindSockets(port: number, options: BindSocketsOptions = {}): SocketListener[] {
  checkWholeNumber("Cannot listen on port", port, { most: 65_535 });
  checkOptions(options, BIND_OPTIONS);
  checkTlsServer(options.tls);
  const { hostname, backlog, tls } = options;
  if (hostname !== undefined) return [listenTcp({ hostname, port, backlog, tls })];
  return [listenEverywhere((hostname) => listenTcp({ hostname, port, backlog, tls }))];
}

/**
 * Listens on a Unix domain socket (`tornado.netutil.bind_unix_socket`). A socket file that an earlier
 * server has left is replaced.
 *
 * @param path Where to put the socket.
 * @param options The permissions of the file.
 * @throws {TypeError} If a file of another kind is there, or an option is unknown or ill-typed.
 *
 * @example
 * ```ts
 * import { bindUnixSocket, type IOStream, TCPClient, TCPServer } from "@gustnado/gustnado";
 * import { assertEquals } from "@std/assert";
 *
 * class Greeter extends TCPServer {
 *   override async handleStream(stream: IOStream) {
 *     await stream.write("hello");
 *     stream.close();
 *   }
 * }
 *
 * const path = `${await Deno.makeTempDir()}/greeter.sock`;
 * const server = new Greeter();
 * server.addSocket(bindUnixSocket(path, { mode: 0o660 }));
 * using stream = await new TCPClient().connectUnix(path);
 * assertEquals(new TextDecoder().decode(await stream.readUntilClose()), "hello");
 * await server.stop();
 * ```
 *
 * @category Sockets
 */
export function bindUnixSocket(path: string, options: BindUnixSocketOptions = {}): SocketListener {
  if (typeof path !== "string" || path === "") {
    throw new TypeError(`Cannot listen on ${shown(path)}: it must be the path of a socket`);
  }
  checkOptions(options, { mode: MODE });
  removeStaleSocket(path);
  return listenUnix(path, options.mode ?? 0o600);
}

function listenEverywhere(listen: (hostname: string) => SocketListener): SocketListener {
  try {
    return listen("::");
  } catch (error) {
    // A port that is taken is taken for IPv4 too; anything else may be the lack of IPv6.
    if (error instanceof Error && error.name === "AddrInUse") throw error;
    return listen("0.0.0.0");
  }
}
