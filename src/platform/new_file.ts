/** Files that are written. */
import { builtinModule } from "./node_builtins.ts";
import { UnsupportedFeatureError } from "./unsupported_feature_error.ts";

/** A file that was not there before, and is open. */
export interface NewFile {
  /** Writes all of the bytes behind those that are there. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes it. */
  close(): Promise<void>;
}

/**
 * Makes a file that nobody else may read.
 *
 * @param path Where. Nothing may be there.
 */
export async function createFile(path: string): Promise<NewFile> {
  return "Deno" in globalThis ? await createDenoFile(path) : await createNodeFile(path);
}

/** Removes a file. */
export async function removeFile(path: string): Promise<void> {
  await ("Deno" in globalThis ? Deno.remove(path) : nodeFiles().unlink(path));
}

/** Only the user that the process runs as. */
const MODE = 0o600;

async function createDenoFile(path: string): Promise<NewFile> {
  const file = await Deno.open(path, { write: true, createNew: true, mode: MODE });
  return {
    async write(bytes) {
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
    },
    close() {
      file.close();
      return Promise.resolve();
    },
  };
}

async function createNodeFile(path: string): Promise<NewFile> {
  const file = await nodeFiles().open(path, "wx", MODE);
  return {
    write: (bytes) => file.writeFile(bytes),
    close: () => file.close(),
  };
}

function nodeFiles(): typeof import("node:fs/promises") {
  try {
    return builtinModule("node:fs/promises") as typeof import("node:fs/promises");
  } catch {
    throw new UnsupportedFeatureError("writing files", "Deno, Node or Bun");
  }
}
