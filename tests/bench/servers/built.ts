/** Ours on Deno, Node and Bun, of which `./build` makes a module: that listens as the variables say. */
import app from "./worker.ts";

interface Process {
  readonly env: Readonly<Record<string, string | undefined>>;
}

const { process } = globalThis as unknown as { readonly process: Process };
// By then it listens.
setTimeout(() => console.log(process.env.PORT));

export default app;
