/** Static files that come along with an application. */
import type { Buffer } from "node:buffer";
import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { hashContent } from "../web/static/content_version.ts";
import type { ApplicationPaths } from "./application_paths.ts";
import type * as embedded from "../platform/embedded_files.ts";
import { BuildError } from "./build_error.ts";
import { GENERATED } from "./bundle_plugin.ts";
import { libraryFile } from "./library.ts";
import { leadsToFile, passedOver } from "./linked_files.ts";

/**
 * A file that comes along with an application.
 *
 * @category Servers and runtimes
 */
export interface EmbeddedAsset {
  /** Its path in the bundle. */
  readonly path: string;
  /** Where it was, on the machine that built it. */
  readonly source: string;
  /** Bytes. */
  readonly size: number;
  /** What tells its content from others, as it stands in the URL. */
  readonly version: string;
}

/** The files of an application's static folders. */
export interface StaticFolders {
  readonly assets: readonly EmbeddedAsset[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
  /** The folders, on this machine. */
  readonly folders: readonly string[];
  /** The same in the bundle. */
  readonly roots: readonly string[];
}

/** How much may come along. */
export interface StaticLimits {
  /** Bytes of one file. */
  readonly maxFileSize: number;
  /** Bytes of all. */
  readonly maxTotalSize: number;
}

/** Bytes that a bundle can hold: it is one text, and JavaScript has no longer ones. */
const MAX_EMBEDDED = 256 * 1024 * 1024;

/** Files that are looked at; more are a mistake. */
const MAX_FILES = 20_000;

/**
 * Finds the files. None is read before it is known that all fit.
 *
 * @param folders The folders, as the application names them.
 * @throws {BuildError} If one is missing, or holds too much.
 */
export async function findStaticFiles(
  folders: readonly string[],
  { paths, ...limits }: StaticLimits & { readonly paths: ApplicationPaths },
): Promise<StaticFolders> {
  const real = [...new Set(folders.map((folder) => paths.toReal(folder)))];
  const found: FoundFile[] = [];
  const notes: string[] = [];
  let total = 0;
  for (const folder of real) {
    for await (const file of filesBelow(folder, notes)) {
      if (file.size > limits.maxFileSize) notes.push(tooLarge(file, limits));
      else found.push(file);
      if (file.size <= limits.maxFileSize) total += file.size;
      if (total > limits.maxTotalSize) throw tooMuch(folder, limits);
      if (total > MAX_EMBEDDED) throw beyondAll(folder);
    }
  }
  return {
    assets: await Promise.all(found.map((file) => assetOf(file, paths))),
    notes,
    folders: real,
    roots: real.map((folder) => paths.toVirtual(folder)),
  };
}

/** Files that clients ask for at the top, wherever the others are. */
const TOP_FILES = ["favicon.ico", "robots.txt"];

/**
 * The files of a folder that is served beside a bundle, by their URLs: from where, by their paths there.
 *
 * @param folder The folder, on this machine.
 * @param prefix What the URLs of static files begin with.
 */
export async function assetFolder(
  folder: string,
  prefix: string,
): Promise<ReadonlyMap<string, string>> {
  const copies = new Map<string, string>();
  for await (const { path } of filesBelow(folder)) {
    const name = relative(folder, path).replaceAll("\\", "/");
    copies.set(`assets${prefix}${name}`, path);
    if (TOP_FILES.includes(name)) copies.set(`assets/${name}`, path);
  }
  return copies;
}

/** The module that holds the files, and the one that stands in the place of the runtime's platform. */
export async function staticModules(
  { assets, roots }: StaticFolders,
  { platform, base }: {
    readonly platform: PlatformModule;
    readonly base: string;
  },
): Promise<
  {
    readonly generated: ReadonlyMap<string, string>;
    readonly replacement: string;
  }
> {
  const { file, name } = platform;
  if (roots.length === 0) {
    const replacement = `export { ${name} as runtimePlatform } from ${JSON.stringify(file)};\n`;
    return { generated: new Map(), replacement };
  }
  const lines = await Promise.all(assets.map(entryOf));
  const files = `import { embeddedBytes, embeddedText } from ${EMBEDDED};
export const files = new Map([
${lines.join("\n")}
]);
`;
  const replacement = `import { ${name} } from ${JSON.stringify(file)};
import { embeddedFiles, overlaidFiles } from ${EMBEDDED};
import { files } from "${GENERATED}files";
export function runtimePlatform() {
  const platform = ${name}();
  const { files: runtime } = platform;
  const value = overlaidFiles(embeddedFiles(files), {
    roots: ${JSON.stringify(roots)},
    base: ${JSON.stringify(base)},
    runtime,
  });
  return Object.defineProperty(platform, "files", { value });
}
`;
  return { generated: new Map([[`${GENERATED}files`, files]]), replacement };
}

/** A platform: the function that makes it, and its module. */
export interface PlatformModule {
  readonly file: string;
  readonly name: string;
}

const EMBEDDED = JSON.stringify(libraryFile("platform/embedded_files.ts"));

interface FoundFile {
  readonly path: string;
  readonly size: number;
}

/** @param notes Are told of what is passed over. */
async function* filesBelow(folder: string, notes: string[] = []): AsyncGenerator<FoundFile> {
  const waiting = [folder];
  let count = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of await listed(next)) {
      const path = join(next, entry.name);
      if (isHidden(entry, next === folder)) continue;
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isFile() || entry.isSymbolicLink() && await leadsToFile(path, folder)) {
        yield { path, size: (await stat(path)).size };
      } else if (entry.isSymbolicLink()) notes.push(passedOver(path));
      if (++count > MAX_FILES) {
        throw new BuildError(
          `Cannot embed ${folder}: it holds more than ${MAX_FILES} files`,
        );
      }
    }
  }
}

async function listed(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new BuildError(
      `Cannot embed ${folder}: it is no folder that can be read; make it, or name another`,
      { cause },
    );
  }
}

/** The handler of static files hides these as well. */
function isHidden({ name }: Dirent, atTop: boolean): boolean {
  return name.startsWith(".") && !(atTop && name === ".well-known");
}

function tooMuch(folder: string, { maxTotalSize }: StaticLimits): BuildError {
  return new BuildError(
    `Cannot embed ${folder}: the static files have more than ${
      formatSize(maxTotalSize)
    }; serve them ` +
      "from elsewhere, or raise --max-total-size",
  );
}

function beyondAll(folder: string): BuildError {
  return new BuildError(
    `Cannot embed ${folder}: a bundle cannot hold more than ${
      formatSize(MAX_EMBEDDED)
    } of static files; ` +
      "serve them from elsewhere",
  );
}

function tooLarge(
  { path, size }: FoundFile,
  { maxFileSize }: StaticLimits,
): string {
  return `${path} has ${formatSize(size)}, more than ${
    formatSize(maxFileSize)
  }, and was left out; ` +
    "raise --max-file-size, or serve it from elsewhere";
}

async function assetOf(
  { path, size }: FoundFile,
  paths: ApplicationPaths,
): Promise<EmbeddedAsset> {
  const version = hashContent(await readFile(path));
  return { path: paths.toVirtual(path), source: path, size, version };
}

async function entryOf({ path, source }: EmbeddedAsset): Promise<string> {
  const [bytes, { mtimeMs }] = await Promise.all([
    readFile(source),
    stat(source),
  ]);
  return embeddedFile(path, bytes, Math.floor(mtimeMs));
}

/** An entry of a map of embedded files, as JavaScript. */
export function embeddedFile(path: string, bytes: Buffer, mtime: number | null): string {
  const text = asText(bytes);
  const maker: keyof typeof embedded = text === null ? "embeddedBytes" : "embeddedText";
  const content = JSON.stringify(text ?? bytes.toString("base64"));
  return `  [${JSON.stringify(path)}, ${maker}(${content}, ${bytes.length}, ${mtime})],`;
}

function asText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      bytes,
    );
  } catch {
    return null;
  }
}

/** Bytes for people: `"1.5 MiB"`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [unit, size] = bytes < 1024 * 1024 ? ["KiB", 1024] : ["MiB", 1024 * 1024];
  return `${Number((bytes / Number(size)).toFixed(1))} ${unit}`;
}
