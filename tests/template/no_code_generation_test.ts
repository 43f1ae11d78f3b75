import { assertEquals, assertStringIncludes } from "@std/assert";

/** Runs a program where `new Function` is forbidden, as on the edge. */
async function run(program: string): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--v8-flags=--disallow-code-generation-from-strings", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    cwd: new URL("../..", import.meta.url),
  });
  await using child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program));
  await writer.close();
  const { stdout, stderr } = await child.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

const IMPORT = `import { PrecompiledLoader, Template, template } from "./mod.ts";\n`;

Deno.test("where no code can be generated, a template says how to go on", async () => {
  const output = await run(`${IMPORT}new Template("{{ x }}", { name: "page.html" });`);
  assertStringIncludes(
    output,
    `Cannot compile template "page.html": this runtime does not generate code. Compile it ahead ` +
      "of time with template.compile and load it with a PrecompiledLoader",
  );
});

Deno.test("where no code can be generated, compiled templates render", async () => {
  const output = await run(`${IMPORT}
const code = template.compile("{% for x in xs %}{{ x }}{% end %}", { name: "page.html" });
const module = await import("data:text/javascript," + encodeURIComponent(code));
const page = new PrecompiledLoader({ "page.html": module }).load("page.html");
console.log(page.generate({ xs: [1, "<"] }));`);
  assertEquals(output, "1&lt;\n");
});
