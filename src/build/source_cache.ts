/** The modules of a bundle as JavaScript; each is read and stripped of its types once. */
import { readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import { type BuildFailure, type Loader, transform, type TransformOptions } from "esbuild";
import { BuildError } from "./build_error.ts";
import { cacheFile, hashOf, readCacheFile, writeCacheFile } from "./cache_folder.ts";

/** What syntax a bundle may have: `using` and decorators are written out. */
export const SYNTAX_TARGET = "es2022";

interface Entry {
  readonly mtime: number;
  readonly key: string;
  readonly text: string;
}

const LOADERS: Readonly<Record<string, Loader>> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".jsx": "jsx",
};

/** How esbuild reads a file; `undefined` for what it knows by itself. */
export function loaderOf(path: string): Loader | undefined {
  return LOADERS[extname(path)];
}

/** What a {@linkcode SourceCache} needs to know. */
export interface SourceCacheOptions {
  /** Whether the texts carry their source maps. */
  readonly sourcemap: boolean;
  /** The module that is built: each has a cache of its own. */
  readonly entry: string;
}

/** Keeps what was read until a file changes: for the next pass, and on disk for the next build. */
export class SourceCache {
  #kept: KeptMaps | undefined;
  readonly #used = new Map<string, Promise<Entry>>();
  readonly #findings = new Map<string, Promise<unknown>>();
  readonly #sourcemap: boolean;
  readonly #file: string | null;
  #isNew = false;

  /** What an earlier build has kept is read when something is asked for. */
  constructor({ sourcemap, entry }: SourceCacheOptions) {
    this.#sourcemap = sourcemap;
    this.#file = cacheFile([entry, String(sourcemap)], ".sources.json");
  }

  /** The files whose texts were asked for. */
  get paths(): Iterable<string> {
    return this.#used.keys();
  }

  /**
   * The JavaScript of a module.
   *
   * @param path The file.
   * @param options What its `import.meta` says, and how it is read if its name does not tell.
   */
  async javascript(
    path: string,
    options: {
      readonly meta?: Readonly<Record<string, string>>;
      readonly loader?: Loader;
    } = {},
  ): Promise<string> {
    // For hundreds of small files this is faster than to wait for each.
    const mtime = statSync(path).mtimeMs;
    const key = JSON.stringify(options);
    const known = await this.#used.get(path) ?? this.#known.texts.get(path);
    if (known?.mtime === mtime && known.key === key) {
      this.#used.set(path, Promise.resolve(known));
      return known.text;
    }
    this.#isNew = true;
    const entry = this.#read(path, options).then((text) => ({
      mtime,
      key,
      text,
    }));
    setUntilItFails(this.#used, path, entry);
    return (await entry).text;
  }

  /**
   * What was found out about a text.
   *
   * @param key What it depends on: the text, and what was asked.
   * @param isFinding Whether what was kept is one.
   * @param find Finds it out.
   */
  async finding<Finding>(
    key: readonly string[],
    isFinding: (value: unknown) => value is Finding,
    find: () => Promise<Finding>,
  ): Promise<Finding> {
    const name = hashOf(key);
    const known = await this.#findings.get(name) ??
      this.#known.findings.get(name);
    if (isFinding(known)) {
      this.#findings.set(name, Promise.resolve(known));
      return known;
    }
    this.#isNew = true;
    const finding = find();
    setUntilItFails(this.#findings, name, finding);
    return await finding;
  }

  /** Keeps what was used for the next build. What cannot be kept is read again then. */
  async save(): Promise<void> {
    if (!this.#isNew || this.#file === null) return;
    this.#isNew = false;
    const texts = await settled(this.#used);
    const findings = await settled(this.#findings);
    writeCacheFile(this.#file, JSON.stringify({ texts, findings }));
  }

  get #known(): KeptMaps {
    if (this.#kept !== undefined) return this.#kept;
    const { texts, findings } = this.#file === null ? NOTHING : readKept(this.#file);
    return this.#kept = { texts: new Map(texts), findings: new Map(findings) };
  }

  async #read(
    path: string,
    { meta, loader = loaderOf(path) ?? "js" }: {
      readonly meta?: Readonly<Record<string, string>>;
      readonly loader?: Loader;
    },
  ): Promise<string> {
    const given: TransformOptions = {
      loader,
      target: SYNTAX_TARGET,
      sourcefile: path,
      sourcemap: this.#sourcemap ? "inline" : false,
      define: { ...meta },
      jsx: "automatic",
      logLevel: "silent",
    };
    try {
      return (await transform(readFileSync(path, "utf8"), given)).code;
    } catch (error) {
      throw buildErrorOf(error, path);
    }
  }
}

/** What has failed may succeed the next time. */
function setUntilItFails<Value>(
  map: Map<string, Promise<Value>>,
  key: string,
  value: Promise<Value>,
): void {
  map.set(key, value);
  value.catch(() => {
    if (map.get(key) === value) map.delete(key);
  });
}

/** What esbuild has against a module, or against a bundle of them. */
export function buildErrorOf(error: unknown, module: string): unknown {
  const [first] = isFailure(error) ? error.errors : [];
  if (first === undefined) return error;
  const { file, line, column } = first.location ?? {};
  const place = file === undefined ? module : `${file}:${line}:${Number(column) + 1}`;
  return new BuildError(`Cannot build ${place}: ${first.text}`, {
    cause: error,
  });
}

function isFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error &&
    Array.isArray(error.errors);
}

async function settled<Value>(
  map: ReadonlyMap<string, Promise<Value>>,
): Promise<[string, Value][]> {
  return await Promise.all(
    [...map].map(async ([key, value]): Promise<[string, Value]> => [
      key,
      await value,
    ]),
  );
}

/** What a file of the cache holds. */
interface Kept {
  readonly texts: readonly (readonly [string, Entry])[];
  readonly findings: readonly (readonly [string, unknown])[];
}

interface KeptMaps {
  readonly texts: ReadonlyMap<string, Entry>;
  readonly findings: ReadonlyMap<string, unknown>;
}

const NOTHING: Kept = { texts: [], findings: [] };

function readKept(file: string): Kept {
  try {
    const kept: unknown = JSON.parse(readCacheFile(file));
    const { texts, findings } = Object(kept);
    if (!Array.isArray(texts) || !Array.isArray(findings)) return NOTHING;
    return { texts: texts.filter(isText), findings: findings.filter(isPair) };
  } catch {
    return NOTHING;
  }
}

function isPair(value: unknown): value is [string, unknown] {
  return Array.isArray(value) && typeof value[0] === "string";
}

function isText(value: unknown): value is [string, Entry] {
  if (!isPair(value)) return false;
  const { mtime, key, text } = Object(value[1]);
  return typeof mtime === "number" && typeof key === "string" &&
    typeof text === "string";
}
