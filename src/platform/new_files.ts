/** Files that a program makes for its user: the same on Deno, Node and Bun. */
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** The absolute path that a path stands for, from the folder that the program runs in. */
export function absolutePath(path: string): string {
  return resolve(path);
}

/** Whether there is something: anything but an empty folder. */
export async function isTaken(path: string): Promise<boolean> {
  const found = await orNull(stat(path));
  if (found === null) return false;
  return !found.isDirectory() || (await readdir(path)).length > 0;
}

/** The text of a file; `null` if there is none. */
export function textOf(path: string): Promise<string | null> {
  return orNull(readFile(path, "utf8"));
}

/**
 * Writes a file that was not there, and the folders above it.
 *
 * @param options `replace` takes away what is there; a link, and not where it leads. `private` keeps
 *   other users of the machine from reading it.
 * @returns Whether something was taken away.
 */
export async function writeNew(
  path: string,
  text: string,
  options: { readonly replace?: boolean; readonly private?: boolean } = {},
): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true });
  const flags = { flag: "wx", mode: options.private ? 0o600 : 0o666 };
  try {
    await writeFile(path, text, flags);
    return false;
  } catch (error) {
    if (!options.replace || codeOf(error) !== "EEXIST") throw error;
    await rm(path);
    await writeFile(path, text, flags);
    return true;
  }
}

/** What the system calls an error, such as `"EACCES"`; `undefined` for one that is not its. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // What Deno itself forbids has no code of the system.
  if (error.name === "NotCapable") return "NotCapable";
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

async function orNull<T>(looking: Promise<T>): Promise<T | null> {
  try {
    return await looking;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}
