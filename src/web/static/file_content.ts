/** The content of a file, however it comes. */
import type { ByteRange } from "../../http/fields/range.ts";
import type { FileSystem } from "../../platform/platform.ts";
import { type Chunk, toBytes } from "../../http/body/chunk.ts";

/**
 * What the static members of a {@linkcode StaticFileHandler} read files with.
 *
 * @category Static files
 */
export interface FileAccess {
  /** The files of the runtime. */
  readonly files: FileSystem;
}

/**
 * The part of a file that {@linkcode StaticFileHandler.getContent} is asked for.
 *
 * @category Static files
 */
export interface FilePart extends FileAccess {
  /** The first byte; the beginning, if it is not given. */
  readonly start?: number;
  /** The byte after the last; the end, if it is not given. */
  readonly end?: number;
}

/**
 * What {@linkcode StaticFileHandler.getContent} may give: all at once, or piece by piece.
 *
 * @category Static files
 */
export type FileContent = Chunk | AsyncIterable<Chunk> | Iterable<Chunk>;

/** Whether the content is there at once. */
export function isChunk(content: unknown): content is Chunk {
  return typeof content === "string" || content instanceof Uint8Array;
}

/** A part of what is there at once. */
export function partOf(content: Chunk, { start, end }: ByteRange): Uint8Array {
  return toBytes(content).subarray(start, end);
}
