/**
 * Applications that are built for a test, from files that the test writes.
 *
 * @module
 */
import { build, type BuildOptions, type BuildResult } from "../../src/build/mod.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** A folder with an application and its bundle, until it is disposed. */
export class BuiltApplication implements AsyncDisposable {
  /** The folder that the application stands in. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Writes the files of an application.
   *
   * @param files Their contents by their paths. `app.ts` is the module that is built.
   */
  static async write(
    files: Readonly<Record<string, string | Uint8Array>>,
  ): Promise<BuiltApplication> {
    const application = new BuiltApplication(await Deno.makeTempDir({ prefix: "gustnado-" }));
    for (const [path, content] of Object.entries(files)) await application.put(path, content);
    return application;
  }

  /** Writes one more file. */
  async put(path: string, content: string | Uint8Array): Promise<void> {
    const file = `${this.folder}/${path}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(file, content);
    else await Deno.writeFile(file, content);
  }

  /** Builds it into `dist` below the folder. */
  build(options: Partial<BuildOptions> = {}): Promise<BuildResult> {
    return build({
      entry: "app.ts",
      target: "deno",
      cwd: this.folder,
      config: `${ROOT}deno.json`,
      ...options,
    });
  }

  /** The text of what was built. */
  bundle(): Promise<string> {
    return Deno.readTextFile(`${this.folder}/dist/app.js`);
  }

  /** The names in the folder, in order. */
  list(path = ""): string[] {
    return [...Deno.readDirSync(`${this.folder}/${path}`)].map(({ name }) => name).sort();
  }

  /** Asks the bundle for a path, in a process of its own. */
  async get(
    path: string,
    init: { readonly method?: string; readonly body?: string; readonly headers?: HeadersInit } = {},
  ): Promise<{ status: number; text: string; headers: Headers }> {
    const program = `const { default: app } = await import(${
      JSON.stringify(`file://${this.folder}/dist/app.js`)
    });
const url = ${JSON.stringify(`http://localhost${path}`)};
const response = await app.fetch(new Request(url, ${JSON.stringify(init)}));
console.log(JSON.stringify([response.status, await response.text(), [...response.headers]]));`;
    const args = ["eval", "--quiet", "--no-config", program];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    const text = new TextDecoder().decode(stdout);
    if (text === "") throw new Error(new TextDecoder().decode(stderr));
    const [status, body, headers] = JSON.parse(text.trim().split("\n").at(-1) ?? "");
    return { status, text: body, headers: new Headers(headers) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}
