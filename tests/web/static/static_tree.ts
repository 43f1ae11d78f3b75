/**
 * Directories for the tests of static files: real ones, and one in memory.
 *
 * @module
 */
import { denoPlatform } from "../../../src/platform/deno/deno_platform.ts";
import type { FileStat, FileSystem, Platform } from "../../../src/platform/platform.ts";

/** A directory of the file system that lives as long as the tests of one file. */
export interface StaticTree {
  /** Where it is. Not before the first test runs. */
  readonly path: string;
  /** Writes a file, and the directories above it. */
  write(name: string, content: string | Uint8Array): void;
}

/**
 * Makes a directory before the first test of the file, and removes it after the last.
 *
 * @param files The content of each file, by its path.
 */
export function staticTree(files: Readonly<Record<string, string | Uint8Array>>): StaticTree {
  const tree = {
    path: "",
    write(name: string, content: string | Uint8Array): void {
      const path = `${tree.path}/${name}`;
      Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      Deno.writeFileSync(path, typeof content === "string" ? encode(content) : content);
    },
  };
  Deno.test.beforeAll(() => {
    tree.path = Deno.realPathSync(Deno.makeTempDirSync());
    for (const [name, content] of Object.entries(files)) tree.write(name, content);
  });
  Deno.test.afterAll(() => Deno.removeSync(tree.path, { recursive: true }));
  return tree;
}

/** Text as bytes. */
export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A file in memory. */
export interface MemoryFile {
  /** What is in it. */
  content: Uint8Array;
  /** When it was changed, milliseconds since the epoch. Long ago unless given. */
  mtime?: number;
  /** What is told of it beside that. */
  stat?: Partial<FileStat>;
  /** Where it is, if the path is a symbolic link. */
  realPath?: string;
  /** What reading it throws. */
  error?: Error;
}

/** Files in memory, which count how often they are asked for. */
export class MemoryFiles implements FileSystem {
  /** The files by their paths. Directories are what stands before a separator. */
  readonly files: Record<string, MemoryFile> = {};
  readonly windows: boolean;
  /** How often a file was looked at. */
  stats = 0;
  /** How often the content of a file was read. */
  reads = 0;

  /** @param options Whether paths are those of Windows. */
  constructor({ windows = false }: { windows?: boolean } = {}) {
    this.windows = windows;
  }

  /** Puts a text file that was last changed long ago. */
  write(path: string, text: string, rest: Omit<MemoryFile, "content"> = {}): void {
    this.files[path] = { content: encode(text), ...rest };
  }

  stat(path: string): FileStat | null {
    this.stats++;
    const file = this.files[path];
    if (file === undefined) return this.#isDirectory(path) ? DIRECTORY : null;
    const { content, mtime = LONG_AGO } = file;
    const size = content.length;
    return { isFile: true, isDirectory: false, size, mtime, ctime: null, ino: null, ...file.stat };
  }

  realPath(path: string): string | null {
    return this.files[path]?.realPath ?? path;
  }

  readFile(path: string): Promise<Uint8Array> {
    return Promise.resolve(this.readFileSync(path));
  }

  readFileSync(path: string): Uint8Array {
    this.reads++;
    const file = this.files[path];
    if (file?.error) throw file.error;
    return file?.content ?? new Uint8Array(0);
  }

  readRange(path: string, start: number, end: number): ReadableStream<Uint8Array> {
    return ReadableStream.from([this.readFileSync(path).subarray(start, end)]);
  }

  /** The runtime with these files in place of its own. */
  get platform(): Platform {
    return { ...denoPlatform(), files: this };
  }

  #isDirectory(path: string): boolean {
    const separator = this.windows ? "\\" : "/";
    return Object.keys(this.files).some((name) => name.startsWith(path + separator));
  }
}

/** A moment that is long over. */
export const LONG_AGO: number = Date.UTC(2020, 0, 1);

const DIRECTORY: FileStat = {
  isFile: false,
  isDirectory: true,
  size: 0,
  mtime: LONG_AGO,
  ctime: null,
  ino: null,
};

/** A `Date.now` that is moved by hand, for as long as it is bound. */
export class FakeTime implements Disposable {
  readonly #real = Date.now;
  #now = Date.UTC(2030, 0, 1);

  constructor() {
    Date.now = () => this.#now;
  }

  /** Moves it. */
  tick(ms: number): void {
    this.#now += ms;
  }

  [Symbol.dispose](): void {
    Date.now = this.#real;
  }
}
