/** The folder that a build writes: all of it, or nothing. */
import { constants } from "node:fs";
import {
  access,
  copyFile,
  lstat,
  mkdir,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { BuildError } from "./build_error.ts";

/** What tells a folder of a build from one that somebody needs. */
const MARK = ".gustnado-build";

/** What is written. */
export interface Output {
  /** Texts and bytes, by their paths in the folder. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** Files that are copied: from where, by their paths in the folder. */
  readonly copies: ReadonlyMap<string, string>;
}

/**
 * Refuses a folder that holds something else, or that cannot be written.
 *
 * @throws {BuildError} If it does.
 */
export async function checkOutput(folder: string): Promise<void> {
  await checkParent(folder);
  const found = await stat(folder).catch(() => null);
  if (found === null) return;
  if (!found.isDirectory()) {
    throw new BuildError(
      `Cannot build into ${folder}: it is no folder; name another`,
    );
  }
  const names = await readdir(folder);
  if (names.length === 0 || names.includes(MARK)) return;
  throw new BuildError(
    `Cannot build into ${folder}: it holds something else; name an empty folder, or a new one`,
  );
}

/** The folder is made anew within the one above, if need be together with that. */
async function checkParent(folder: string): Promise<void> {
  let above = dirname(folder);
  while (above !== dirname(above) && await isAbsent(above)) above = dirname(above);
  const isFolder = await stat(above).then((found) => found.isDirectory(), () => false);
  const isWritable = await access(above, constants.W_OK).then(() => true, () => false);
  if (isFolder && isWritable) return;
  const reason = isFolder ? "cannot be written to" : "is no folder";
  throw new BuildError(`Cannot build into ${folder}: ${above} ${reason}; name another`);
}

/** A link that leads nowhere is there, and in the way. */
async function isAbsent(path: string): Promise<boolean> {
  return await lstat(path).then(() => false, () => true);
}

/**
 * Writes a folder beside the one that is meant, and puts it into its place when it is whole.
 *
 * @throws {BuildError} If it cannot be written. Then everything is as it was.
 */
export async function writeOutput(
  folder: string,
  output: Output,
): Promise<void> {
  const id = crypto.randomUUID().slice(0, 8);
  const [fresh, old] = [`${folder}.${id}.new`, `${folder}.${id}.old`];
  let made: string | undefined;
  try {
    made = await mkdir(dirname(folder), { recursive: true });
    await writeAll(fresh, output);
    const replaced = await rename(folder, old).then(() => true, () => false);
    await rename(fresh, folder);
    if (replaced) await rm(old, { recursive: true });
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true }).catch(() => {});
    await rename(old, folder).catch(() => {});
    if (made !== undefined) await removeEmpty(dirname(folder), made);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BuildError(`Cannot build into ${folder}: ${reason}; name another, or make room`, {
      cause,
    });
  }
}

/** Takes away the folders that were made above; one that somebody uses stays. */
async function removeEmpty(from: string, to: string): Promise<void> {
  for (let folder = from; folder.startsWith(to); folder = dirname(folder)) {
    if (!await rmdir(folder).then(() => true, () => false)) return;
  }
}

async function writeAll(
  folder: string,
  { files, copies }: Output,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, MARK),
    "A build: it is replaced by the next one.\n",
  );
  for (const [name, content] of files) {
    await writeFile(join(folder, name), content);
  }
  for (const [name, source] of copies) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await copyFile(source, join(folder, name));
  }
}
