/**
 * The package as npm installs it, with the programs of tests beside it.
 *
 * @module
 */
import { BuiltPackage, run } from "../support/built_package.ts";

/** A folder with the package in its `node_modules`, made when it is first asked for. */
export class Installed implements AsyncDisposable {
  #built: Promise<BuiltPackage> | undefined;
  #folder: Promise<string> | undefined;

  /** The folder. */
  get folder(): Promise<string> {
    return this.#folder ??= this.#make();
  }

  async #make(): Promise<string> {
    const built = await (this.#built ??= BuiltPackage.make());
    return await built.installed("application");
  }

  /** Puts modules into a folder, as they are and as JavaScript, which Node 20 needs. */
  async add(name: string, sources: readonly URL[]): Promise<string> {
    const folder = `${await this.folder}/${name}`;
    await Deno.mkdir(folder, { recursive: true });
    for (const { pathname } of sources) {
      const file = pathname.slice(pathname.lastIndexOf("/") + 1, -".ts".length);
      await Deno.copyFile(pathname, `${folder}/${file}.ts`);
      const args = ["transpile", "--quiet", "--no-check", pathname];
      const text = await run(Deno.execPath(), args, folder);
      await Deno.writeTextFile(
        `${folder}/${file}.js`,
        text.replace(/(?<=from ")(\.\/\w+)\.ts(?=")/g, "$1.js"),
      );
    }
    return folder;
  }

  /** Bundles a module for workerd. */
  async bundle(path: string): Promise<string> {
    const args = ["bundle", "--quiet", "--platform", "browser"];
    const external = ["--external=node:*", "--external=./page.js"];
    const folder = await this.folder;
    const env = { DENO_CONDITIONS: "workerd" };
    return await run(
      Deno.execPath(),
      [...args, ...external, path],
      folder,
      env,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#built)?.[Symbol.asyncDispose]();
  }
}
