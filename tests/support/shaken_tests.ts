/**
 * Test files that run as bundles of which was left out what nothing names.
 *
 * @module
 */
import { build } from "../../src/build/mod.ts";
import { CALLED_AT_IMPORT, CHECKS } from "../../src/build/shaking/stand_ins.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What checks applications, and what they need when they are made. */
export const MADE_LATER: readonly string[] = [
  ...CHECKS,
  ...CALLED_AT_IMPORT.map(({ name }) => name),
];

/** What became of a test file. */
export interface ShakenRun {
  /** Whether every test passed. */
  readonly success: boolean;
  /** What the runner has said. */
  readonly output: string;
  /** How many members of the library were left out. */
  readonly leftOut: number;
}

/**
 * Bundles a test file, and runs the tests in the bundle with sanitizers on.
 *
 * @param file Its path in `tests/`.
 * @param keep Names that are kept.
 */
export async function runShaken(file: string, keep: readonly string[] = []): Promise<ShakenRun> {
  const folder = await Deno.makeTempDir({ prefix: "gustnado-" });
  try {
    const entry = `${folder}/entry.ts`;
    await Deno.writeTextFile(
      entry,
      `import "${ROOT}tests/${file}";
import { Application } from "@gustnado/gustnado";
export default new Application();
`,
    );
    const { bundle, leftOut } = await build({
      entry,
      target: "deno",
      out: `${folder}/dist`,
      config: `${ROOT}deno.json`,
      minify: false,
      // The applications are made by the tests, not when the file is imported.
      keep: [...MADE_LATER, ...keep],
    });
    const args = ["test", "-A", "--no-check", "--quiet", "--no-config", bundle];
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: ROOT,
      env: { NO_COLOR: "1", DENO_TEST_SANITIZE_OPS: "1", DENO_TEST_SANITIZE_RESOURCES: "1" },
    }).output();
    const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    return { success, output, leftOut: leftOut.length };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
