/** Bundles a module of ours by esbuild and nothing else, for `build_bench.ts`: its path, and what is written. */
import { build, stop } from "esbuild";
import { join } from "node:path";
import config from "../../../deno.json" with { type: "json" };

const ROOT = new URL("../../../", import.meta.url).pathname;
const DOORS: Readonly<Record<string, string>> = config.exports;

const [entry = "", outfile = ""] = Deno.args;
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  minify: true,
  external: ["node:*", "cloudflare:*"],
  plugins: [{
    name: "doors",
    setup({ onResolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path }) => {
        const door = DOORS[path.replace(config.name, ".")];
        // Packages cost esbuild alone nothing.
        return door === undefined ? { path, external: true } : { path: join(ROOT, door) };
      });
    },
  }],
});
await stop();
