/**
 * esbuild for the build that is in the package, which does not bring it along: most applications are never
 * built. The package has this module where others import `esbuild`.
 */
import type * as Esbuild from "esbuild";
import config from "../deno.json" with { type: "json" };

/** As Deno names it, with its version. */
const SPECIFIER = config.imports.esbuild;

const found = await find();
export const build: typeof Esbuild.build = found.build;
export const context: typeof Esbuild.context = found.context;
export const stop: typeof Esbuild.stop = found.stop;
export const transform: typeof Esbuild.transform = found.transform;
export const version: typeof Esbuild.version = found.version;

async function find(): Promise<typeof Esbuild> {
  try {
    return await import("esbuild");
  } catch (cause) {
    // Within a package Deno finds its dependencies alone; in a module that stands by itself, anything.
    const alone = `data:text/javascript,export * from ${JSON.stringify(SPECIFIER)}`;
    return await import(alone).catch(() => Promise.reject(missing(cause)));
  }
}

function missing(cause: unknown): Error {
  const name = SPECIFIER.replace(/^npm:/, "");
  const message = `Cannot build without esbuild: run npm install --save-dev ${name}`;
  return new Error(message, { cause });
}
