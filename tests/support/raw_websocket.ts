/**
 * WebSocket frames over a bare TCP connection, for what no WebSocket client would send.
 *
 * @module
 */
import { concat } from "./bytes.ts";
import { type RawResponse, RawSocket, type RawSocketOptions } from "./raw_socket.ts";

/** The GUID of RFC 6455 §1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The opcodes of RFC 6455 §5.2. */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** A frame that came from the peer (RFC 6455 §5.2). */
export interface RawFrame {
  /** Whether it is the last fragment of its message. */
  readonly fin: boolean;
  /** The three reserved bits as one number. */
  readonly rsv: number;
  /** The opcode. */
  readonly opcode: number;
  /** Whether the payload was masked, which a server must not do. */
  readonly masked: boolean;
  /** The payload, unmasked. */
  readonly payload: Uint8Array;
  /** The payload as UTF-8; of a close frame, the reason. */
  readonly text: string;
  /** The code of a close frame, or `null` when it has none or is another frame. */
  readonly closeCode: number | null;
}

/** How a frame is sent. */
export interface SendOptions {
  /** Whether it is the last fragment of its message; true unless given. */
  readonly fin?: boolean;
  /** The three reserved bits as one number, 0 to 7; 0 unless given. */
  readonly rsv?: number;
  /** Whether to mask the payload, as a client has to; true unless given. */
  readonly masked?: boolean;
}

/** How {@link RawWebSocket.connect} asks for the upgrade. */
export interface RawWebSocketOptions extends RawSocketOptions {
  /** Fields to add to the handshake; one of its own is replaced, or left out when `null`. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

/** A WebSocket client that sends what it is told and shows what it gets. */
export class RawWebSocket implements Disposable {
  /** The answer to the handshake: 101, or what refused it. */
  readonly response: RawResponse;
  /** The connection below, to send bytes that are no frame. */
  readonly socket: RawSocket;

  private constructor(socket: RawSocket, response: RawResponse) {
    this.socket = socket;
    this.response = response;
  }

  /**
   * Connects and asks for the upgrade (RFC 6455 §4.1).
   *
   * @param port The TCP port on 127.0.0.1.
   * @param path The request target.
   * @param options Fields of the request, and the time limit of every read and write.
   * @returns The client, also when the server refused: look at `response.status`.
   * @throws {Error} When the server accepts with a wrong `Sec-WebSocket-Accept`.
   */
  static async connect(
    port: number,
    path: string,
    options: RawWebSocketOptions = {},
  ): Promise<RawWebSocket> {
    const socket = await RawSocket.connect(port, options);
    try {
      const key = crypto.getRandomValues(new Uint8Array(16)).toBase64();
      await socket.write(handshake({ port, path, key, headers: options.headers ?? {} }));
      const response = await socket.readResponse();
      if (response.status === 101) await checkAccept(response, key);
      return new RawWebSocket(socket, response);
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /**
   * Sends one frame.
   *
   * @param opcode One of {@link OPCODE}, or any other number up to 15.
   * @param payload Bytes, or text to be sent as UTF-8. The default is empty.
   * @param options The other bits of the frame's head.
   */
  send(
    opcode: number,
    payload: Uint8Array | string = "",
    options: SendOptions = {},
  ): Promise<void> {
    return this.socket.write(encodeFrame({ opcode, payload, ...options }));
  }

  /**
   * Reads the next frame, whatever it is.
   *
   * @returns The frame, or `null` when the peer has closed the connection.
   */
  async receive(): Promise<RawFrame | null> {
    const head = await this.socket.readBytes(2);
    if (head === null) return null;
    const [first, second] = [byteAt(head, 0), byteAt(head, 1)];
    const length = await this.#readLength(second & 0x7f);
    const masked = (second & 0x80) !== 0;
    const mask = masked ? await this.socket.readBytes(4) : new Uint8Array(4);
    const payload = length === null ? null : await this.socket.readBytes(length);
    if (mask === null || payload === null) return null;
    return frame({ first, masked, payload: applyMask(payload, mask) });
  }

  /**
   * Closes in order: sends a close frame, reads up to the peer's, and closes the connection.
   *
   * @param code The close code, 1000 unless given.
   * @returns The peer's close frame, or `null` when it closed the connection without one.
   */
  async close(code = 1000): Promise<RawFrame | null> {
    await this.send(OPCODE.close, new Uint8Array([code >> 8, code & 0xff]));
    let received = await this.receive();
    while (received !== null && received.opcode !== OPCODE.close) received = await this.receive();
    this.socket.close();
    return received;
  }

  /** Closes the connection without a close frame. */
  [Symbol.dispose](): void {
    this.socket.close();
  }

  async #readLength(short: number): Promise<number | null> {
    if (short < 126) return short;
    const extended = await this.socket.readBytes(short === 126 ? 2 : 8);
    return extended?.reduce((length, byte) => length * 256 + byte, 0) ?? null;
  }
}

/**
 * Writes a frame as it goes over the wire, to send several at once or in pieces.
 *
 * @param parts The frame.
 * @returns Its bytes.
 */
export function encodeFrame(
  parts: SendOptions & { readonly opcode: number; readonly payload: Uint8Array | string },
): Uint8Array {
  const { fin = true, rsv = 0, masked = true } = parts;
  const payload = typeof parts.payload === "string"
    ? new TextEncoder().encode(parts.payload)
    : parts.payload;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | parts.opcode;
  const [short, extended] = encodeLength(payload.length);
  const head = [first, (masked ? 0x80 : 0) | short, ...extended];
  if (!masked) return concat([Uint8Array.from(head), payload]);
  const mask = crypto.getRandomValues(new Uint8Array(4));
  return concat([Uint8Array.from(head), mask, applyMask(payload, mask)]);
}

function handshake(
  request: {
    readonly port: number;
    readonly path: string;
    readonly key: string;
    readonly headers: Readonly<Record<string, string | null>>;
  },
): string {
  const fields = new Map<string, string | null>([
    ["host", `127.0.0.1:${request.port}`],
    ["upgrade", "websocket"],
    ["connection", "Upgrade"],
    ["sec-websocket-key", request.key],
    ["sec-websocket-version", "13"],
  ]);
  for (const [name, value] of Object.entries(request.headers)) {
    fields.set(name.toLowerCase(), value);
  }
  const lines = [...fields].filter(([, value]) => value !== null).map((field) => field.join(": "));
  return [`GET ${request.path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

async function checkAccept(response: RawResponse, key: string): Promise<void> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(key + GUID));
  const expected = new Uint8Array(digest).toBase64();
  const actual = response.header("sec-websocket-accept");
  if (actual === expected) return;
  throw new Error(
    `Cannot open a WebSocket: Sec-WebSocket-Accept is "${actual}" where "${expected}" is due`,
  );
}

function encodeLength(length: number): [short: number, extended: number[]] {
  if (length < 126) return [length, []];
  if (length < 65_536) return [126, [length >> 8, length & 0xff]];
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length));
  return [127, [...bytes]];
}

function frame(
  parts: { readonly first: number; readonly masked: boolean; readonly payload: Uint8Array },
): RawFrame {
  const { first, masked, payload } = parts;
  const opcode = first & 0x0f;
  const coded = opcode === OPCODE.close && payload.length >= 2;
  return {
    fin: (first & 0x80) !== 0,
    rsv: (first >> 4) & 0x7,
    opcode,
    masked,
    payload,
    text: new TextDecoder().decode(coded ? payload.subarray(2) : payload),
    closeCode: coded ? byteAt(payload, 0) * 256 + byteAt(payload, 1) : null,
  };
}

function applyMask(payload: Uint8Array, mask: Uint8Array): Uint8Array {
  return payload.map((byte, index) => byte ^ byteAt(mask, index % 4));
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
