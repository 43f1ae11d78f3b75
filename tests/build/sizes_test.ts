/** How much of the library bundles keep. */
import { assertLessOrEqual } from "@std/assert";

/** Bytes, minified and compressed: what `./build` makes, and what bundlers make of the package. */
interface Limits {
  readonly build: number;
  readonly bundle: number;
  /** With the names of functions, which wrangler keeps. */
  readonly wrangler: number;
}

const LIMITS: Readonly<Record<string, Limits>> = {
  "hello": { build: 10_700, bundle: 36_700, wrangler: 40_960 },
  "JSON API": { build: 13_900, bundle: 36_800, wrangler: 41_100 },
  "WebSocket echo": { build: 17_600, bundle: 43_300, wrangler: 48_000 },
};

Deno.test("applications for Workers come to at most so many bytes", async () => {
  const root = new URL("../../", import.meta.url);
  const args = ["run", "-A", "--no-check", "--config=deno.json", ".ci/sizes.ts"];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: root, stderr: "inherit" })
    .output();
  const sizes: Record<string, Record<string, number>> = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  console.table(sizes);
  for (const [name, limits] of Object.entries(LIMITS)) {
    for (const [kind, limit] of Object.entries(limits)) {
      assertLessOrEqual(sizes[name]?.[kind] ?? Infinity, limit, `${name}, ${kind}`);
    }
  }
});
