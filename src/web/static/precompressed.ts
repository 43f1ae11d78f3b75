/** Files that stand compressed beside themselves: `app.js.br`, `app.js.zst`, `app.js.gz`. */
import { preferredEncoding } from "../../http/fields/accept_encoding.ts";
import { type FileCache, isDenied, type ServedRoot } from "./file_cache.ts";
import type { StaticFile } from "./static_file.ts";

/** A coding that a file may stand in beside itself (RFC 9110 §8.4.1). */
export type ContentCoding = "br" | "zstd" | "gzip";

/** Smallest first: among codings that a client likes equally, the first wins. */
const EXTENSIONS: Readonly<Record<ContentCoding, string>> = {
  br: ".br",
  zstd: ".zst",
  gzip: ".gz",
};

const CODINGS: readonly ContentCoding[] = ["br", "zstd", "gzip"];

/** Milliseconds for which it is not looked up again which siblings a file has. */
const LOOKUP_INTERVAL = 1_000;

/** A file in one of its codings. */
export interface EncodedFile {
  readonly coding: ContentCoding;
  readonly file: StaticFile;
}

/**
 * The codings that a file has beside it. A sibling that is older than the file does not count: it was
 * not made from what the file is now.
 *
 * What was found holds for a second: a file that is not there costs more to look for than one that
 * is.
 */
export function siblingCodings(
  cache: FileCache,
  file: StaticFile,
  root: ServedRoot,
): readonly ContentCoding[] {
  const now = Date.now();
  // The clock may be set back.
  if (file.codings === null || Math.abs(now - file.codings.at) >= LOOKUP_INTERVAL) {
    const found = CODINGS.filter((coding) => openSibling(cache, file, coding, root) !== null);
    file.codings = { found, at: now };
  }
  return file.codings.found;
}

/**
 * The sibling in the coding that the client likes best; `null` if that is the file itself.
 *
 * @param accepted The value of `Accept-Encoding`.
 */
export function preferredSibling(
  cache: FileCache,
  file: StaticFile,
  { accepted, root }: { readonly accepted: string | null; readonly root: ServedRoot },
): EncodedFile | null {
  const offered = siblingCodings(cache, file, root);
  if (offered.length === 0 || accepted === null) return null;
  const best = preferredEncoding(accepted, [...offered, "identity"]);
  const coding = offered.find((coding) => coding === best);
  const sibling = coding && openSibling(cache, file, coding, root);
  return coding && sibling ? { coding, file: sibling } : null;
}

function openSibling(
  cache: FileCache,
  file: StaticFile,
  coding: ContentCoding,
  root: ServedRoot,
): StaticFile | null {
  const sibling = openReadable(cache, file.path + EXTENSIONS[coding], root);
  if (!sibling?.stat.isFile || (sibling.outside && !root.followSymlinks)) return null;
  return (sibling.stat.mtime ?? 0) >= (file.stat.mtime ?? 0) ? sibling : null;
}

/** A sibling that may not be read is as good as none. */
function openReadable(cache: FileCache, path: string, root: ServedRoot): StaticFile | null {
  try {
    return cache.open(path, root);
  } catch (error) {
    if (isDenied(error)) return null;
    throw error;
  }
}
