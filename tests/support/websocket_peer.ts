/**
 * A WebSocket server that accepts, and then does what no server would.
 *
 * @module
 */
import { hostileServer } from "./hostile_server.ts";

/** One connection to it, after the handshake. */
export interface PeerSocket {
  /** Sends bytes as they are. */
  send(bytes: Uint8Array): Promise<void>;
  /** Closes the connection without a close frame. */
  drop(): void;
}

/** A running peer. */
export interface WebSocketPeer extends AsyncDisposable {
  /** The TCP port on 127.0.0.1. */
  readonly port: number;
  /** How many connections are open. */
  readonly open: number;
  /** The texts that came, of all connections. */
  readonly received: readonly string[];
}

/**
 * Starts a peer.
 *
 * @param treat What happens to a connection when it is open.
 * @param options `reads` is false for a peer that never reads.
 * @returns The peer, to be bound with `await using`.
 */
export function rawPeer(
  treat: (socket: PeerSocket) => unknown,
  options: { readonly reads?: boolean } = {},
): WebSocketPeer {
  const received: string[] = [];
  const server = hostileServer(async (connection) => {
    await connection.send(await acceptance(connection.head));
    const dropped = Promise.withResolvers<void>();
    await treat({ send: (bytes) => connection.send(bytes), drop: () => dropped.resolve() });
    const onData = (data: Uint8Array) => void received.push(payloadOf(data));
    const gone = options.reads === false ? connection.ended : connection.gone(onData);
    await Promise.race([dropped.promise, gone]);
  });
  return {
    port: server.port,
    received,
    get open() {
      return server.open;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The answer that accepts a handshake (RFC 6455 §4.2.2). */
export async function acceptance(head: string, fields = ""): Promise<string> {
  const key = /^sec-websocket-key: (\S+)/im.exec(head)?.[1] ?? "";
  const text = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", text)).toBase64();
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${digest}\r\n${fields}\r\n`;
}

/** The text of one short, masked frame. */
function payloadOf(data: Uint8Array): string {
  const length = (data[1] ?? 0) & 0x7f;
  const bytes = data.subarray(6, 6 + length).map((byte, i) => byte ^ (data[2 + i % 4] ?? 0));
  return new TextDecoder().decode(bytes);
}
