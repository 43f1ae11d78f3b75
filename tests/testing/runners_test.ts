/** Other runners of tests than `Deno.test`. */
import { assert, assertMatch } from "@std/assert";
import { requireProgram, serviceTest } from "../support/services.ts";

const page = await Deno.readTextFile(new URL("../../docs/testing.md", import.meta.url));
const source = page.split("# Under Node\n")[1]?.split("```ts ignore\n")[1]?.split("```")[0];
assert(source !== undefined, "the page has no program under Node");
// Registers a test of `node:test`, which only the outermost level of a module can.
await import(`data:application/typescript;base64,${new TextEncoder().encode(source).toBase64()}`);

const ROOT = new URL("../..", import.meta.url).pathname;
const SUITE = new URL("../fixtures/runners/suite_test.mjs", import.meta.url);
/** What the suite imports, of all that the package depends on. */
const DEPENDENCIES = ["@logtape/logtape", "@sinonjs/fake-timers"];

for (const node of ["node@20", "node@22", "node@24"] as const) {
  serviceTest(node, `a suite of users runs under "node --test" of ${node}`, async () => {
    await using project = await Project.make();
    const output = await project.run(requireProgram(node), ["--test", "--test-reporter=tap"]);
    assertMatch(output, /^# pass 6$/m);
    assertMatch(output, /^# fail 0$/m);
  });
}

serviceTest("bun", 'a suite of users runs under "bun test"', async () => {
  await using project = await Project.make();
  const output = await project.run(requireProgram("bun"), ["test", "./suite_test.mjs"]);
  assertMatch(output, /^ *6 pass$/m);
  assertMatch(output, /^ *0 fail$/m);
});

/** A folder with the suite in it, in which the package is installed. */
class Project implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(): Promise<Project> {
    const project = new Project(await Deno.makeTempDir({ prefix: "gustnado-" }));
    await project.#install();
    await Deno.copyFile(SUITE, `${project.#folder}/suite_test.mjs`);
    return project;
  }

  async #install(): Promise<void> {
    const target = `${this.#folder}/node_modules/@gustnado/gustnado`;
    const built = `${this.#folder}/package`;
    await run(Deno.execPath(), ["task", "--quiet", "package", built], ROOT);
    const { dependencies } = JSON.parse(await Deno.readTextFile(`${built}/package.json`));
    const needed = DEPENDENCIES.map((name) => [name, dependencies[name]]);
    const manifest = { type: "module", private: true, dependencies: Object.fromEntries(needed) };
    await Deno.writeTextFile(`${this.#folder}/package.json`, JSON.stringify(manifest));
    await run(Deno.execPath(), ["install", "--quiet", "--node-modules-dir=auto"], this.#folder);
    await Deno.mkdir(`${this.#folder}/node_modules/@gustnado`, { recursive: true });
    await Deno.rename(built, target);
  }

  /** What a program prints there, which must succeed. */
  run(program: string, args: readonly string[]): Promise<string> {
    return run(program, args, this.#folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  assert(success, `${program} ${args.join(" ")} fails:\n${output}`);
  return output;
}
