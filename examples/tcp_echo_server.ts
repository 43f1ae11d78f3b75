/**
 * A TCP server that sends every line back.
 *
 * `deno run --allow-net examples/tcp_echo_server.ts`, then `tcp_echo_client.ts`.
 */
import { type IOStream, type SocketAddress, TCPServer } from "@gustnado/gustnado";

/** Longer lines than this end the connection, so that no client can fill the memory. */
const LONGEST_LINE = 64 * 1_024;

/** A client that sends nothing for so long, in milliseconds, is dropped. */
const PATIENCE = 60_000;

/** Sends every line back. */
export class EchoServer extends TCPServer {
  /** Runs until the client leaves: then reading fails, and that ends it. */
  override async handleStream(stream: IOStream, _address: SocketAddress): Promise<void> {
    while (true) {
      const line = await stream.readUntil("\n", { maxBytes: LONGEST_LINE, timeout: PATIENCE });
      await stream.write(line);
    }
  }
}

if (import.meta.main) {
  const server = new EchoServer();
  server.listen(9_000);
  console.log(`Listening on port ${server.port}`);
}
