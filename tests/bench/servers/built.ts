/** Ours on Deno, Node and Bun, of which `./build` makes a module: that listens as the variables say. */
import app from "./worker.ts";

interface Runtimes {
  readonly Deno?: { readonly env: { get(name: string): string | undefined } };
  readonly process?: { readonly env: Readonly<Record<string, string | undefined>> };
}

const runtimes = globalThis as Runtimes;
// To ask for `process` takes Deno some milliseconds.
console.log(runtimes.Deno?.env.get("PORT") ?? runtimes.process?.env.PORT);

export default app;
