/** What a server is told on its command line, whatever runs it. */

interface Runtimes {
  readonly Deno?: { readonly args: readonly string[] };
  readonly process?: { readonly argv: readonly string[] };
}

/** The row, a folder for files, and what is the matter of one row. */
export function serverArguments(): readonly string[] {
  const { Deno, process } = globalThis as Runtimes;
  return Deno?.args ?? process?.argv.slice(2) ?? [];
}
