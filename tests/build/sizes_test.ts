/** How much of the library bundles keep. */
import { assertLessOrEqual } from "@std/assert";

/** Bytes, minified and compressed: of what `./build` makes, and of what wrangler makes of the package. */
const LIMITS: Readonly<Record<string, { readonly build: number; readonly bundle: number }>> = {
  "hello": { build: 11_000, bundle: 44_700 },
  "JSON API": { build: 14_400, bundle: 44_700 },
  "WebSocket echo": { build: 18_300, bundle: 51_000 },
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
