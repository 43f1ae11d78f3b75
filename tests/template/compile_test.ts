import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { DictLoader } from "../../src/template/loaders/dict_loader.ts";
import { PrecompiledLoader } from "../../src/template/loaders/precompiled_loader.ts";
import { TemplateNotFoundError } from "../../src/template/loaders/template_path.ts";
import { compile, Template } from "../../src/template/template.ts";

async function moduleOf(code: string): Promise<{
  name: string;
  places: string;
  render: (rendering: unknown) => string;
}> {
  return await import(`data:text/javascript,${encodeURIComponent(code)}`);
}

Deno.test("a compiled template is a module that imports nothing and renders the same page", async () => {
  const sources = {
    "base.html": "<title>{% block t %}{% end %}</title>{% for x in xs %}{{ x }},{% end %}",
    "page.html": "{% extends base.html %}{% block t %}{{ title }}{% end %}",
  };
  const loader = new DictLoader(sources);
  const code = compile(sources["page.html"], { name: "page.html", loader });
  assertEquals(/\bimport\b|require\(/.test(code), false);
  const module = await moduleOf(code);
  const precompiled = new PrecompiledLoader({ "page.html": module }, { namespace: { xs: [1, 2] } });
  const namespace = { title: "<T>" };
  const page = precompiled.load("page.html").generate(namespace);
  assertEquals(page, "<title>&lt;T&gt;</title>1,2,");
  assertEquals(loader.load("page.html").generate({ ...namespace, xs: [1, 2] }), page);
  const chunks = await Array.fromAsync(precompiled.load("page.html").generateStream(namespace));
  assertEquals(chunks.join(""), page);
  const error = assertThrows(() => precompiled.load("page.html").generate());
  assertStringIncludes(
    String(error),
    `Name "title" is not defined at page.html:1 (via base.html:1)`,
  );
  assertThrows(() => precompiled.load("base.html"), TemplateNotFoundError, "it was not compiled");
  assertThrows(() => precompiled.load("constructor"), TemplateNotFoundError);
});

Deno.test("a template whose escaper has no name cannot be compiled ahead of time", () => {
  assertThrows(
    () => compile("{{ x }}", { autoescape: (text) => text, name: "a.html" }),
    TypeError,
    'Cannot compile "a.html" ahead of time: autoescape is a function',
  );
});

Deno.test("a name cannot break out of the module or the function it is compiled to", async () => {
  const name = `"; throw 1;//\n*/ throw 2 \u2028 throw 3`;
  assertEquals(new Template("{{ 1 }}", { name }).generate(), "1");
  const module = await moduleOf(compile("{{ 1 }}", { name }));
  assertEquals(module.name, name);
});
