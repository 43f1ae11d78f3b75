/**
 * Bundles of test files for workerd: as applications are built, or by a bundler alone.
 *
 * @module
 */
import { build } from "../../../src/build/mod.ts";
import { bundle } from "../bundle.ts";
import { MADE_LATER } from "../shaken_tests.ts";
import { mappedImports } from "./mapped_imports.ts";
import { recordFunctions } from "./recorded_functions.ts";
import { type RecordedTexts, textModule } from "./recorded_texts.ts";

const TESTS = new URL("../../", import.meta.url).pathname;
const INSIDE = `${TESTS}support/workerd/inside/`;

/** The database of Node, which workerd lacks: that of the object stands in its place. */
const OBJECT_DATABASE =
  "class DatabaseSync { constructor() { return new workerDeno.DatabaseSync(); } }";

/** What drives a browser is not there. In the bundle it would be most of it. */
const REPLACED = { "tests/support/browser.ts": "tests/support/workerd/inside/no_browser.ts" };

/** The modules of the worker, by their names. */
export type TestBundle = Readonly<Record<string, string>>;

/** Test files as `build` makes an application of them. */
export interface BuiltTests {
  readonly bundle: TestBundle;
  /** How many members of the library were left out. */
  readonly leftOut: number;
}

/**
 * Builds test files as an application for Workers, of which nothing is left that nothing names.
 *
 * @param files Their paths in `tests/`.
 * @param texts What they make templates of.
 */
export async function buildTests(
  files: readonly string[],
  texts: readonly RecordedTexts[],
): Promise<BuiltTests> {
  return await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/texts.ts`, textModule(texts));
    await Deno.writeTextFile(`${folder}/deno.json`, mappedImports(REPLACED));
    const { bundle, leftOut } = await build({
      entry: await writeEntry(folder, { files, first: ["./texts.ts"] }),
      target: "workers",
      out: `${folder}/dist`,
      config: `${folder}/deno.json`,
      minify: false,
      // The applications are made by the tests, not when the file is imported.
      keep: MADE_LATER,
    });
    const worker = forWorkerd(await Deno.readTextFile(bundle));
    return { bundle: { "worker.js": worker }, leftOut: leftOut.length };
  });
}

/**
 * Bundles test files, with all of the library.
 *
 * @param files Their paths in `tests/`.
 */
export async function bundleTests(files: readonly string[]): Promise<TestBundle> {
  return await inFolder(async (folder) => {
    const entry = await writeEntry(folder, { files, first: [] });
    const [text, functions] = await Promise.all([
      bundle(new URL(`file://${entry}`)),
      recordFunctions(files.filter(hasTemplates)),
    ]);
    const worker = `import "./functions.js";\n${forWorkerd(text)}`;
    return { "worker.js": worker, "functions.js": functions };
  });
}

/** Whether a test file makes templates. */
export function hasTemplates(file: string): boolean {
  return /\b(?:Dict)?Loader\b|\bTemplate\b/.test(Deno.readTextFileSync(TESTS + file));
}

async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "gustnado-" });
  try {
    return await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function forWorkerd(text: string): string {
  return text.replaceAll(/\bDeno\./g, "workerDeno.")
    .replaceAll("import.meta.url", '"file:///tests/worker.js"')
    .replace('import { DatabaseSync } from "node:sqlite";', OBJECT_DATABASE);
}

/** @returns The path of the first module. */
async function writeEntry(
  folder: string,
  { files, first }: { readonly files: readonly string[]; readonly first: readonly string[] },
): Promise<string> {
  const before = [`${INSIDE}worker_deno.ts`, `${TESTS}support/log_records.ts`, ...first]
    .map((path) => `import ${JSON.stringify(path)};\n`);
  const lines = files.map((file) =>
    `addFile(${JSON.stringify(file)}, () => import(${JSON.stringify(TESTS + file)}));\n`
  );
  const text = `${before.join("")}import { addFile } from "${INSIDE}test_registry.ts";
export { default, Tests } from "${INSIDE}test_worker.ts";
${lines.join("")}`;
  const entry = `${folder}/entry.ts`;
  await Deno.writeTextFile(entry, text);
  return entry;
}
