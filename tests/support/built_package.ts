/**
 * What is published, built into a folder of its own, and what npm makes of it.
 *
 * @module
 */
import { runtime } from "./runtimes.ts";
import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../..", import.meta.url).pathname;

/** The package in a folder, until it is disposed. */
export class BuiltPackage implements AsyncDisposable {
  /** Where it is. */
  readonly folder: string;
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
    this.folder = `${root}/package`;
  }

  /** Builds it. */
  static async make(): Promise<BuiltPackage> {
    const built = new BuiltPackage(await Deno.makeTempDir({ prefix: "gustnado-" }));
    await run(Deno.execPath(), ["task", "--quiet", "package", built.folder], ROOT);
    return built;
  }

  /** A folder beside it. */
  async place(name: string): Promise<string> {
    const folder = `${this.#root}/${name}`;
    await Deno.mkdir(folder, { recursive: true });
    return folder;
  }

  /** What npm would publish: the paths in it, and the tarball. */
  async pack(): Promise<{ readonly tarball: string; readonly files: readonly string[] }> {
    const place = await this.place("packed");
    const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", place];
    const [{ filename, files }] = JSON.parse(await npm(args, this.folder));
    return {
      tarball: `${place}/${filename}`,
      files: files.map(({ path }: { path: string }) => path),
    };
  }

  /**
   * A folder in which npm has installed the tarball, and what it depends on.
   *
   * @param others Packages beside it, such as `"esbuild@1.2.3"`.
   */
  async installed(name: string, others: readonly string[] = []): Promise<string> {
    const { tarball } = await this.pack();
    const folder = await this.place(name);
    await Deno.writeTextFile(`${folder}/package.json`, '{ "type": "module", "private": true }');
    const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];
    await npm(["install", ...quiet, tarball, ...others], folder);
    return folder;
  }

  /** A folder that finds it in `node_modules`, without what it depends on. */
  async linked(name: string): Promise<string> {
    const folder = await this.place(name);
    const target = `${folder}/node_modules/${config.name}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    await Deno.symlink(this.folder, target);
    return folder;
  }

  /** The import map of a program that uses the package as JSR gives it. */
  importMap(): unknown {
    const { exports, imports } = JSON.parse(
      Deno.readTextFileSync(`${this.folder}/deno.json`),
    ) as Record<"exports" | "imports", Record<string, string>>;
    const doors = Object.entries(exports)
      .map(([door, file]) => [`${config.name}${door.slice(1)}`, `${this.folder}/${file}`]);
    const absolute = Object.entries(imports)
      .map(([name, path]) => [name, path.replace(/^\.\//, `${this.folder}/`)]);
    return { imports: Object.fromEntries([...doors, ...absolute]) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#root, { recursive: true });
  }
}

/** Runs npm, as a test may that needs `npm` and `node@22`. */
function npm(args: readonly string[], cwd: string): Promise<string> {
  return run(runtime("node@22") ?? "", [runtime("npm") ?? "", ...args], cwd);
}

/**
 * Runs a program to its end.
 *
 * @returns What it has printed.
 * @throws {Error} If it fails, with all that it has printed.
 */
export async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    stdin: "null",
    env: { NO_COLOR: "1", ...env },
  }).output();
  const [out = "", err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`${program} ${args.join(" ")} failed:\n${out}${err}`);
  return out;
}
