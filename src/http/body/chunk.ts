/** Pieces of a response body: text until it must be bytes, since the runtime sends text faster. */
import { utf8Length } from "../byte_text.ts";
import { excerpt } from "../excerpt.ts";

/**
 * A piece of a body.
 *
 * @category Requests and responses
 */
export type Chunk = string | Uint8Array;

/**
 * What `write` accepts, as a chunk: text, bytes, and as JSON plain objects, arrays and whatever has a
 * `toJSON`.
 *
 * @throws {TypeError} If the value is anything else.
 */
export function toChunk(value: unknown): Chunk {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return value as Uint8Array;
  const json = isJsonContainer(value) ? toJson(value) : undefined;
  if (json !== undefined) return json;
  throw new TypeError(
    `Cannot write ${describe(value)}: expected a string, a Uint8Array, a plain object or an array${
      wayToWrite(value)
    }`,
  );
}

function wayToWrite(value: unknown): string {
  if (value instanceof Promise) return "; await it first";
  return typeof value === "number" || typeof value === "boolean" ? "; write String(value)" : "";
}

/** @throws {TypeError} If it cannot be JSON: one whose stack leads to the handler. */
function toJson(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // As a cause, the runtime would show its stack, and leave out of this one what they share.
    const reason = error instanceof Error ? error.message : String(error);
    const wayOut = reason.includes("BigInt")
      ? "; write it as String(value) or Number(value)"
      : reason.includes("circular")
      ? "\nWrite only the members that the client needs, or give the object a toJSON()"
      : "";
    const kind = Array.isArray(value) ? "an array" : `an object with the keys ${keysOf(value)}`;
    throw new TypeError(`Cannot write ${kind} as JSON: ${reason}${wayOut}`);
  }
}

/** Enough of an object to find it, and none of its values, which may be secrets. */
function keysOf(value: object): string {
  const keys = Object.keys(value);
  const some = keys.slice(0, 5).map((key) => excerpt(key)).join(", ");
  return keys.length > 5 ? `${some}, …` : some;
}

/** The chunks as one: as text if all are, else as bytes. */
export function joinChunks(chunks: readonly Chunk[]): Chunk {
  if (chunks.length > 0 && chunks.every((chunk) => typeof chunk === "string")) {
    return chunks.join("");
  }
  const parts = chunks.map(toBytes);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The chunk as bytes. */
export function toBytes(chunk: Chunk): Uint8Array {
  return typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
}

/** How many bytes the chunk has. */
export function byteLength(chunk: Chunk): number {
  return typeof chunk === "string" ? utf8Length(chunk) : chunk.length;
}

/** Whether the chunk has more than so many bytes. */
export function isLongerThan(chunk: Chunk, bytes: number): boolean {
  if (chunk.length > bytes) return true;
  // No UTF-16 unit has more than three bytes in UTF-8, so nearly every text needs no counting.
  if (typeof chunk !== "string" || chunk.length * 3 <= bytes) return false;
  return utf8Length(chunk) > bytes;
}

function isJsonContainer(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value) || "toJSON" in value) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  return `an instance of ${value.constructor?.name || "an unnamed class"}`;
}
