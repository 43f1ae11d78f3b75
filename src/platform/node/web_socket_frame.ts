/** Frames that a server sends (RFC 6455 §5.2), compressed where that was agreed on (RFC 7692). */
import type { Buffer } from "node:buffer";
import { nodeZlib } from "../node_builtins.ts";
import type { FrameHolder } from "../platform.ts";

/** How the messages to one peer are compressed. */
export interface Deflating {
  readonly compressionLevel?: number;
  readonly memLevel?: number;
  /** What the peer can take. */
  readonly windowBits: number;
}

const TEXT = 0x81;
const BINARY = 0x82;
const COMPRESSED = 0x40;
/** What RFC 7692 §7.2.1 has taken off: the mark that a flush leaves. */
const MARK = 4;

interface BufferGlobal {
  readonly Buffer: typeof Buffer;
}

/**
 * A message as one unmasked frame.
 *
 * @param shared Keeps it for all others that the message goes to.
 */
export function sharedFrame(
  message: string | Uint8Array,
  shared: FrameHolder | undefined,
  deflating: Deflating | undefined,
): Uint8Array {
  if (shared === undefined) return frameOf(message, deflating);
  const frames = shared.frames ??= new Map();
  const key = deflating === undefined ? "" : keyOf(deflating);
  let frame = frames.get(key);
  if (frame === undefined) frames.set(key, frame = frameOf(message, deflating));
  return frame;
}

function keyOf({ windowBits, compressionLevel, memLevel }: Deflating): string {
  return `${windowBits} ${compressionLevel} ${memLevel}`;
}

function frameOf(message: string | Uint8Array, deflating: Deflating | undefined): Uint8Array {
  const { Buffer } = globalThis as unknown as BufferGlobal;
  if (deflating !== undefined) return compressedFrame(Buffer, message, deflating);
  const isText = typeof message === "string";
  if (isText && message.length <= SHORT) return shortText(Buffer, message);
  const length = isText ? Buffer.byteLength(message) : message.length;
  const start = headLength(length);
  const frame = Buffer.allocUnsafe(start + length);
  writeHead(frame, isText ? TEXT : BINARY, length);
  if (isText) frame.write(message, start);
  else frame.set(message, start);
  return frame;
}

/** UTF-16 units of text whose frame has two bytes for its length at most, however it is encoded. */
const SHORT = 65_535 / 3;
/** Of such a frame. */
const LONGEST_HEAD = 4;
const encoder = new TextEncoder();

/** Bytes of a frame that costs little to have too large: a part of a piece that Node keeps for many. */
const SMALL = 2_048;
let scratch: Buffer | undefined;

/**
 * Encodes once, where counting the bytes first would go through the text twice. What is not small is
 * encoded elsewhere and copied: new memory for each message, three times as large, costs more.
 */
function shortText(buffer: typeof Buffer, text: string): Uint8Array {
  const most = LONGEST_HEAD + text.length * 3;
  if (most <= SMALL) return encoded(buffer.allocUnsafe(most), text);
  scratch ??= buffer.allocUnsafeSlow(LONGEST_HEAD + SHORT * 3);
  return buffer.from(encoded(scratch, text));
}

function encoded(memory: Buffer, text: string): Buffer {
  const { written } = encoder.encodeInto(text, memory.subarray(LONGEST_HEAD));
  const start = LONGEST_HEAD - headLength(written);
  const frame = memory.subarray(start, LONGEST_HEAD + written);
  writeHead(frame, TEXT, written);
  return frame;
}

function compressedFrame(
  buffer: typeof Buffer,
  message: string | Uint8Array,
  { windowBits, compressionLevel, memLevel }: Deflating,
): Uint8Array {
  const zlib = nodeZlib();
  const isText = typeof message === "string";
  const deflated = zlib.deflateRawSync(isText ? buffer.from(message) : message, {
    // 8 is what zlib does not do; with 9 it still looks back no further than 8 allows.
    windowBits: Math.max(windowBits, 9),
    finishFlush: zlib.constants.Z_SYNC_FLUSH,
    ...compressionLevel !== undefined && { level: compressionLevel },
    ...memLevel !== undefined && { memLevel },
  });
  const length = deflated.length - MARK;
  const start = headLength(length);
  const frame = buffer.allocUnsafe(start + length);
  writeHead(frame, (isText ? TEXT : BINARY) | COMPRESSED, length);
  frame.set(deflated.subarray(0, length), start);
  return frame;
}

function headLength(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10;
}

function writeHead(frame: Buffer, first: number, length: number): void {
  frame[0] = first;
  if (length < 126) frame[1] = length;
  else if (length < 65_536) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    frame.writeUInt32BE(length % 2 ** 32, 6);
  }
}
