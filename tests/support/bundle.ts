/**
 * Programs for runtimes other than this one, in one piece.
 *
 * @module
 */

/**
 * Bundles a module and all that it imports, but for built-in modules of Node.
 *
 * @param entry The module.
 * @returns The text of one module.
 */
export async function bundle(entry: URL): Promise<string> {
  const fixed = ["--quiet", "--platform", "browser", "--external=node:*"];
  const args = ["bundle", ...fixed, entry.href];
  const command = new Deno.Command(Deno.execPath(), { args, stderr: "piped" });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(`Cannot bundle ${entry}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
