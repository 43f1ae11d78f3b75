/**
 * Messages that tell their number, to see which of them arrive.
 *
 * @module
 */
import type { RawWebSocket } from "./raw_websocket.ts";

/** Bytes of a message. */
export const MIB: number = 1024 * 1024;

/** A message of 1 MiB that tells its number. */
export function numbered(number: number): Uint8Array {
  return new Uint8Array(MIB).fill(number);
}

/** The numbers of the messages that arrive, up to one with text, whose text is the last. */
export async function numbersOf(client: RawWebSocket): Promise<(number | string | null)[]> {
  const seen: (number | string | null)[] = [];
  for (;;) {
    const frame = await client.receive();
    if (frame === null || frame.opcode !== 2) {
      return [...seen, frame?.closeCode ?? frame?.text ?? null];
    }
    seen.push(frame.payload[0] ?? -1);
  }
}
