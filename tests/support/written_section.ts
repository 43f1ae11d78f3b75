/**
 * A section of a page that tests write: `deno test -A tests/packages -- --write` does.
 *
 * @module
 */
import { assertEquals } from "@std/assert";

/**
 * Holds a section of a page against what the tests know, or writes it.
 *
 * @param page The page, in `docs/`.
 * @param name What stands in the comments around the section.
 * @param text What belongs there.
 */
export async function checkSection(page: string, name: string, text: string): Promise<void> {
  const path = new URL(`../../docs/${page}`, import.meta.url);
  const found = await Deno.readTextFile(path);
  const [begin, end] = [`<!-- begin ${name} -->\n\n`, `\n<!-- end ${name} -->`];
  const [before = "", rest = ""] = found.split(begin);
  const [section, after = ""] = rest.split(end);
  const wanted = await formatted(text);
  if (Deno.args.includes("--write")) {
    return await Deno.writeTextFile(path, before + begin + wanted + end + after);
  }
  assertEquals(section, wanted, `docs/${page} is stale: deno test -A tests/packages -- --write`);
}

/** A table of Markdown. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...others] = rows;
  return [head, head.map(() => "---"), ...others].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

async function formatted(text: string): Promise<string> {
  const args = ["fmt", "--quiet", "--ext", "md", "--line-width", "100", "-"];
  const pipes = { stdin: "piped", stdout: "piped", stderr: "inherit" } as const;
  const process = new Deno.Command(Deno.execPath(), { args, ...pipes }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { stdout } = await process.output();
  return new TextDecoder().decode(stdout);
}
