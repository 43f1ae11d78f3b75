/** Files by `node:fs`. */
import { builtinModule, nodeFs } from "../node_builtins.ts";
import type { FileStat, FileSystem } from "../platform.ts";

/** See `Platform.files`. */
export function nodeFiles(): FileSystem {
  return {
    stat: (path) => orNull(() => toFileStat(nodeFs().statSync(path))),
    realPath: (path) => orNull(() => nodeFs().realpathSync.native(path)),
    readFile: async (path) => bytesOf(await nodeFs().promises.readFile(path)),
    readFileSync: (path) => bytesOf(nodeFs().readFileSync(path)),
    readRange,
    get windows() {
      return (builtinModule("node:process") as typeof import("node:process")).platform === "win32";
    },
  };
}

/** Not a `Buffer`, whose `slice` shares. */
function bytesOf(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function toFileStat(stats: import("node:fs").Stats): FileStat {
  const { size, ino, mtimeMs, ctimeMs } = stats;
  // Whole milliseconds, as on Deno.
  const [mtime, ctime] = [Math.trunc(mtimeMs), Math.trunc(ctimeMs)];
  return { isFile: stats.isFile(), isDirectory: stats.isDirectory(), size, mtime, ctime, ino };
}

/** A name that cannot exist (too long, through a file, with a NUL) is a name that is not there. */
const ABSENT = /^(?:ENOENT|ENOTDIR|ELOOP|ENAMETOOLONG|ERR_INVALID_ARG_VALUE|EINVAL)$/;

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && "code" in error && ABSENT.test(String(error.code))) return null;
    throw error;
  }
}

/** As on Deno. */
const CHUNK = 128 * 1024;

function readRange(path: string, start: number, end: number): ReadableStream<Uint8Array> {
  const source = readChunks(path, start, end);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    // A generator finishes the read at hand before it returns: the file is closed after it.
    async cancel() {
      await source.return();
    },
  }, { highWaterMark: 0 });
}

async function* readChunks(
  path: string,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void, void> {
  const file = await nodeFs().promises.open(path);
  try {
    for (let at = start; at < end;) {
      const chunk = new Uint8Array(Math.min(CHUNK, end - at));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
