/**
 * What wrangler makes of an application that npm has given the package: one module, by esbuild.
 *
 * @module
 */
import { build, type Plugin } from "esbuild";
import config from "../../deno.json" with { type: "json" };

/**
 * Bundles an application, as wrangler does without the flag `nodejs_compat`: no module of Node is there.
 *
 * @param text The module of the application.
 * @param folder A folder that finds the package in `node_modules`, and what it depends on.
 * @param options What finds other packages, and whether functions keep their names, as wrangler has it
 *   unless its `keep_names` is `false`.
 */
export async function wranglerBundle(
  text: string,
  folder: string,
  { plugins = [], keepNames = true }: {
    readonly plugins?: readonly Plugin[];
    readonly keepNames?: boolean;
  } = {},
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: folder, sourcefile: "application.js" },
    bundle: true,
    format: "esm",
    target: "es2024",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    minify: true,
    keepNames,
    legalComments: "none",
    write: false,
    logLevel: "error",
    plugins: [...plugins],
  });
  return outputFiles[0]?.text ?? "";
}

/**
 * Stands for packages that nothing of an application needs while it runs.
 *
 * @param names Their names.
 */
export function unusedPackages(names: RegExp): Plugin {
  return {
    name: "unused packages",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: names }, ({ path }) => ({ path, namespace: "unused" }));
      onLoad({ filter: /./, namespace: "unused" }, () => ({ contents: "module.exports = {};" }));
    },
  };
}

/** Leaves outside what the package depends on, for a folder that does not have it. */
export const dependenciesOutside: Plugin = {
  name: "dependencies outside",
  setup({ onResolve }) {
    onResolve(
      { filter: /^[@a-z]/ },
      ({ path }) => path.startsWith(config.name) ? undefined : { path, external: true },
    );
  },
};
