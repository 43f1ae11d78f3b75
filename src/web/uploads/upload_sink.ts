/** Where the bytes of an upload go. */
import { shown } from "../../checks/shown.ts";
import { createFile, removeFile } from "../../platform/new_file.ts";

/**
 * What a form says of a file, before its content.
 *
 * @category Requests and responses
 */
export interface UploadHead {
  /** The name of the form's field. */
  readonly name: string;
  /** The name that the client gave. It may hold slashes and dots: never use it as a path. */
  readonly filename: string;
  /** The media type that the client gave, or `application/unknown`. Nobody has checked it. */
  readonly contentType: string;
}

/**
 * Where one file goes.
 *
 * @category Requests and responses
 */
export interface UploadSink {
  /** Takes the content. It is closed at the end of the file, and aborted if that does not come. */
  readonly writable: WritableStream<Uint8Array>;
  /** Where the file is found afterwards, for {@linkcode ReceivedFile.path}. */
  readonly path?: string;
  /**
   * Takes back what was written, also of a file that was complete: the form as a whole has failed.
   */
  discard?(): void | PromiseLike<void>;
}

/**
 * Makes the place for a file.
 *
 * @category Requests and responses
 */
export type UploadSinkMaker = (file: UploadHead) => UploadSink | PromiseLike<UploadSink>;

/**
 * Writes files into a directory, each under a name of its own: what a client calls its file is no
 * name to trust.
 *
 * @param directory The directory.
 */
export function directorySink(directory: string): UploadSinkMaker {
  return async () => {
    const path = `${directory.replace(/(?<=.)\/$/, "")}/${crypto.randomUUID()}`;
    const file = await createFile(path).catch((error) => {
      throw explained(error, directory);
    });
    let isOpen = true;
    const close = async () => {
      if (!isOpen) return;
      isOpen = false;
      await file.close();
    };
    return {
      path,
      writable: new WritableStream({ write: (bytes) => file.write(bytes), close }),
      async discard() {
        await close();
        await removeFile(path);
      },
    };
  };
}

/** A name that was made up on the spot would tell nobody what is wrong. */
function explained(cause: unknown, directory: string): unknown {
  const { code, name } = Object(cause);
  const why = code === "ENOENT" || code === "ENOTDIR"
    ? "there is no such directory; make it first"
    : name === "NotCapable"
    ? "run Deno with --allow-write for it"
    : code === "EACCES" || code === "EPERM"
    ? "this user may not write it"
    : null;
  if (why === null) return cause;
  return new Error(`Cannot write an upload into ${shown(directory)}: ${why}`, { cause });
}

/** How systems call a disk, or a quota on one, that is full. */
const FULL: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT"]);
/** Causes that are looked through for it. */
const MAX_CAUSES = 5;

/**
 * Whether something failed because there is no space left.
 *
 * @param error What was thrown.
 */
export function isDiskFull(error: unknown): boolean {
  let each = error;
  for (let depth = 0; depth < MAX_CAUSES && each instanceof Error; depth++) {
    if ("code" in each && FULL.has(each.code)) return true;
    each = each.cause;
  }
  return false;
}
