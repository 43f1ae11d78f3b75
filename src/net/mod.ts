/**
 * Connections read and written by the rules of a protocol: `IOStream`, `TCPServer` and `TCPClient`
 * (`tornado.iostream`, `tornado.tcpserver`, `tornado.tcpclient`).
 *
 * Here are {@linkcode IOStream}, {@linkcode TCPServer}, {@linkcode TCPClient},
 * {@linkcode bindSockets}, {@linkcode bindUnixSocket}, {@linkcode StreamBufferFullError},
 * {@linkcode StreamClosedError}, {@linkcode UnsatisfiableReadError}, {@linkcode iostream}.
 *
 * @example
 * ```ts
 * import { type IOStream, TCPClient, TCPServer } from "@gustnado/gustnado/net";
 * import { assertEquals } from "@std/assert";
 *
 * class Upper extends TCPServer {
 *   override async handleStream(stream: IOStream) {
 *     const line = new TextDecoder().decode(await stream.readUntil("\n"));
 *     await stream.write(line.toUpperCase());
 *     stream.close();
 *   }
 * }
 *
 * const server = new Upper();
 * server.listen(0, { hostname: "127.0.0.1" });
 * const stream = await new TCPClient().connect("127.0.0.1", server.port);
 * await stream.write("hello\n");
 * assertEquals(new TextDecoder().decode(await stream.readUntilClose()), "HELLO\n");
 * await server.stop();
 * ```
 *
 * @module
 */
export {
  IOStream,
  type IOStreamOptions,
  type ReadBytesOptions,
  type ReadUntilOptions,
  type StartTlsOptions,
} from "./iostream/io_stream.ts";
export {
  StreamBufferFullError,
  StreamClosedError,
  UnsatisfiableReadError,
} from "./iostream/stream_errors.ts";
export { TCPServer, type TCPServerOptions } from "./tcp_server.ts";
export { type ConnectOptions, type ConnectUnixOptions, TCPClient } from "./tcp_client.ts";
export {
  bindSockets,
  type BindSocketsOptions,
  bindUnixSocket,
  type BindUnixSocketOptions,
} from "./bind_sockets.ts";
/**
 * Connections read and written by the rules of a protocol (`tornado.iostream`).
 *
 * @category Sockets
 */
export * as iostream from "./iostream/mod.ts";
