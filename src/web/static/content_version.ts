/** Versions of files: what stands in `?v=` and in the entity tag. */
import { nodeCrypto } from "../../platform/node_builtins.ts";
import type { FileStat } from "../../platform/platform.ts";
import type { Chunk } from "../../http/body/chunk.ts";

/** Bytes up to which a file is hashed; that keeps the event loop waiting for a few milliseconds. */
export const MAX_HASHED_SIZE: number = 1024 * 1024;

/** 132 bits of the hash: no two files of one name will ever meet in them. */
const LENGTH = 22;

/** The version of a content: the same on every machine that serves the same bytes. */
export function hashContent(content: Chunk): string {
  return nodeCrypto().hash("sha256", content, "base64url").slice(0, LENGTH);
}

/** The version of a file that is too large to be hashed: its size and the time of its last change. */
export function stampOf({ size, mtime, ino }: FileStat): string {
  return `${size.toString(36)}-${(mtime ?? ino ?? 0).toString(36)}`;
}
