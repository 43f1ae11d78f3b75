/**
 * Programs that Bun runs, from source as it is.
 *
 * @module
 */
import { bundle } from "./bundle.ts";
import { ChildProcess } from "./child_process.ts";
import { registries } from "./runtimes.ts";
import { requireProgram } from "./services.ts";

const ROOT = new URL("../../", import.meta.url);

/** The names that the library imports, without `node:` and what is loaded when it is asked for. */
const PACKAGES: Readonly<Record<string, { readonly main?: string; readonly doors?: string[] }>> = {
  "@std/assert": {},
  "@logtape/logtape": { main: "dist/mod.js" },
  "acorn": { main: "dist/acorn.mjs" },
  "gettext-parser": { main: "index.js" },
  "@gustnado/gustnado": { doors: ["testing"] },
};

/** Bun, with the names of this project's import map, for one test. */
export class Bun implements AsyncDisposable {
  /** A folder that is removed at the end. */
  readonly directory: string;
  readonly #program: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.#program = requireProgram("bun");
  }

  /** Makes the folder. */
  static async start(): Promise<Bun> {
    const bun = new Bun(await Deno.makeTempDir());
    await bun.#link();
    return bun;
  }

  /** Writes a file into the folder, and gives its path. */
  async file(name: string, text: string): Promise<string> {
    const path = `${this.directory}/${name}`;
    await Deno.writeTextFile(path, text);
    return path;
  }

  /**
   * Runs a program that prints its port.
   *
   * @param args Its path, and its own arguments.
   * @param env More variables of its environment.
   */
  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ChildProcess> {
    return ChildProcess.run([this.#program, "--no-install", ...args], { ...this.#env, ...env });
  }

  /** Runs a program to its end. */
  async output(args: readonly string[]): Promise<{ code: number; text: string }> {
    const command = new Deno.Command(this.#program, {
      args: [...args],
      cwd: this.directory,
      env: { NO_COLOR: "1", ...this.#env },
      stdout: "piped",
      stderr: "piped",
    });
    const { code, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
  }

  /** Puts the library into the folder as a package, for what does not look at `NODE_PATH`. */
  async install(): Promise<void> {
    const folder = "node_modules/@gustnado/gustnado";
    await this.file(
      `${folder}/library.js`,
      await bundle(new URL("tests/fixtures/library.ts", ROOT)),
    );
    const exports = { ".": "./library.js", "./testing": "./library.js" };
    await this.file(`${folder}/package.json`, JSON.stringify({ name: "library", exports }));
  }

  get #env(): Record<string, string> {
    return { NODE_PATH: `${this.directory}/node_modules` };
  }

  async #link(): Promise<void> {
    const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
    for (const [name, { doors = [], main }] of Object.entries(PACKAGES)) {
      const folder = `${this.directory}/node_modules/${name}`;
      await Deno.mkdir(folder, { recursive: true });
      const exports: Record<string, string> = {};
      for (const door of [".", ...doors]) {
        const source = sourceOf(name, { door, main, imports });
        if (source === null) continue;
        const file = `./${door === "." ? "index" : door}.js`;
        exports[door === "." ? door : `./${door}`] = file;
        await Deno.writeTextFile(`${folder}/${file}`, `export * from ${JSON.stringify(source)};\n`);
      }
      await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify({ name, exports }));
    }
  }

  /** Removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** The file that a name of the import map stands for; `null` if there is none. */
function sourceOf(
  name: string,
  { door, main, imports }: {
    door: string;
    main: string | undefined;
    imports: Record<string, string>;
  },
): string | null {
  if (name === "@gustnado/gustnado") {
    return new URL(door === "." ? "mod.ts" : `src/${door}/mod.ts`, ROOT).pathname;
  }
  const target = imports[door === "." ? name : `${name}/${door}`];
  const [, module, version, file] = /^npm:(.+)@([\d.]+)(?:\/(.+))?$/.exec(target ?? "") ?? [];
  if (module === undefined) return null;
  const path = `${module}/${version}/${main ?? file}`;
  return registries().map((registry) => `${registry}/${path}`).find(isFile) ?? null;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
