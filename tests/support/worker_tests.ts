/**
 * Test files that run inside workerd: as one bundle, whose tests a request runs.
 *
 * @module
 */
import { bundle } from "./bundle.ts";
import type { ChildServer } from "./child_server.ts";
import { startWorkerd, workerdPorts } from "./services.ts";
import { recordFunctions } from "./workerd/recorded_functions.ts";
import type { WorkerTestResult } from "./workerd/inside/test_registry.ts";
import type { WorkerTestRun } from "./workerd/inside/test_worker.ts";

const TESTS = new URL("../", import.meta.url).pathname;
const INSIDE = `${TESTS}support/workerd/inside/`;

/** Tests that are not run, by a part of their names, and why. */
export type SkippedTests = readonly (readonly [name: RegExp, reason: string])[];

/** The database of Node, which workerd lacks: that of the object stands in its place. */
const OBJECT_DATABASE =
  "class DatabaseSync { constructor() { return new workerDeno.DatabaseSync(); } }";

/** Packages that drive what workerd cannot reach. In the bundle they would be most of it. */
const ABSENT = {
  "playwright-core": "export const chromium = undefined;\n",
  "redis": "export const createClient = undefined;\n",
};
const EXTERNAL = Object.keys(ABSENT).map((name) => `--external=${name}`);

/** As many applications may listen at once. */
const SOCKETS = Array.from({ length: 16 }, (_, index) => `s${index}`);

/** The modules of the worker, by their names. */
export type TestBundle = Readonly<Record<string, string>>;

/** workerd with a bundle of test files. */
export class WorkerTests implements AsyncDisposable {
  readonly #server: ChildServer;
  readonly #skipped: readonly string[];
  readonly #ports: Readonly<Record<string, number>>;

  private constructor(
    server: ChildServer,
    skipped: SkippedTests,
    ports: Readonly<Record<string, number>>,
  ) {
    this.#server = server;
    this.#ports = ports;
    this.#skipped = skipped.map(([{ source }]) => source);
  }

  /**
   * Starts workerd with a bundle.
   *
   * @param bundled What {@link bundleTests} has made.
   * @param skipped What is not run.
   */
  static async start(bundled: TestBundle, skipped: SkippedTests): Promise<WorkerTests> {
    const server = await startWorkerd(bundled, {
      objects: { TESTS: "Tests" },
      sockets: SOCKETS,
    });
    try {
      return new WorkerTests(server, skipped, await workerdPorts(server, SOCKETS));
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Runs the tests of a file, one after the other. */
  async run(file: string): Promise<WorkerTestResult[]> {
    const run: WorkerTestRun = { file, skipped: this.#skipped, ports: this.#ports };
    const response = await fetch(`http://127.0.0.1:${this.#server.port}/`, {
      method: "POST",
      body: JSON.stringify(run),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${text}\n${this.#server.output}`);
    return JSON.parse(text);
  }

  /** Stops workerd. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
  }
}

/**
 * Bundles test files.
 *
 * @param files Their paths in `tests/`.
 */
export async function bundleTests(files: readonly string[]): Promise<TestBundle> {
  const folder = await Deno.makeTempDir({ prefix: "gustnado-" });
  try {
    const [text, functions] = await Promise.all([
      writeEntry(folder, files).then((entry) => bundle(entry, EXTERNAL)),
      recordFunctions(files.filter(hasTemplates)),
    ]);
    const bundled = text.replaceAll(/\bDeno\./g, "workerDeno.")
      .replaceAll("import.meta.url", '"file:///tests/worker.js"')
      .replace('import { DatabaseSync } from "node:sqlite";', OBJECT_DATABASE);
    const worker = `import "./functions.js";\n${bundled}`;
    return { "worker.js": worker, "functions.js": functions, ...ABSENT };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function hasTemplates(file: string): boolean {
  return /\b(?:Dict)?Loader\b|\bTemplate\b/.test(Deno.readTextFileSync(TESTS + file));
}

async function writeEntry(folder: string, files: readonly string[]): Promise<URL> {
  const lines = files.map((file) =>
    `addFile(${JSON.stringify(file)}, () => import(${JSON.stringify(TESTS + file)}));\n`
  );
  const text = `import "${INSIDE}worker_deno.ts";
import "${TESTS}support/log_records.ts";
import { addFile } from "${INSIDE}test_registry.ts";
export { default, Tests } from "${INSIDE}test_worker.ts";
${lines.join("")}`;
  await Deno.writeTextFile(`${folder}/entry.ts`, text);
  return new URL(`file://${folder}/entry.ts`);
}
