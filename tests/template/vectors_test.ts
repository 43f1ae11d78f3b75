import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { DictLoader } from "../../src/template/loaders/dict_loader.ts";
import { ParseError } from "../../src/template/syntax/parse_error.ts";
import { Template } from "../../src/template/template.ts";
import { TemplateError } from "../../src/template/template_error.ts";

/** The tests of Tornado's own `template_test.py`, with JavaScript expressions. */
function range(end: number): number[] {
  return Array.from({ length: end }, (_, index) => index);
}

function render(source: string, namespace: Record<string, unknown> = {}): unknown {
  return new Template(source).generate(namespace);
}

Deno.test("an expression prints its value", () => {
  assertEquals(render("Hello {{ name }}!", { name: "Ben" }), "Hello Ben!");
  assertEquals(render("2 + 2 = {{ 2 + 2 }}"), "2 + 2 = 4");
});

Deno.test("a value in bytes is printed as UTF-8", () => {
  assertEquals(
    render("Hello {{ name }}!", { name: new TextEncoder().encode("Bén") }),
    "Hello Bén!",
  );
});

Deno.test("a comment prints nothing", () => {
  assertEquals(render("Hello{# TODO i18n #} {{ name }}!", { name: "Ben" }), "Hello Ben!");
  assertEquals(render("{% comment blah don't blah %}foo"), "foo");
});

Deno.test("include inserts another template", () => {
  const loader = new DictLoader({
    "index.html": '{% include "header.html" %}\nbody text',
    "header.html": "header text",
  });
  assertEquals(loader.load("index.html").generate(), "header text\nbody text");
});

Deno.test("extends replaces the blocks of the parent", () => {
  const loader = new DictLoader({
    "base.html":
      "<title>{% block title %}default title{% end %}</title>\n<body>{% block body %}default body{% end %}</body>\n",
    "page.html":
      '{% extends "base.html" %}\n{% block title %}page title{% end %}\n{% block body %}page body{% end %}\n',
  });
  assertEquals(
    loader.load("page.html").generate(),
    "<title>page title</title>\n<body>page body</body>\n",
  );
});

Deno.test("names are relative to the template that names them", () => {
  const loader = new DictLoader({
    "a/1.html": "{% include '2.html' %}",
    "a/2.html": "{% include '../b/3.html' %}",
    "b/3.html": "ok",
  });
  assertEquals(loader.load("a/1.html").generate(), "ok");
});

Deno.test("an exclamation mark keeps a delimiter as text", () => {
  assertThrows(() => new Template("{{"), ParseError);
  assertThrows(() => new Template("{%"), ParseError);
  assertEquals(render("{{!"), "{{");
  assertEquals(render("{%!"), "{%");
  assertEquals(render("{#!"), "{#");
  assertEquals(render("{{ 'expr' }} {{!jquery expr}}"), "expr {{jquery expr}}");
});

Deno.test("templates and their literals are Unicode", () => {
  assertEquals(new Template(new TextEncoder().encode("\u00e9")).generate(), "\u00e9");
  assertEquals(render('{{ "\u00e9" }}'), "\u00e9");
  const loader = new DictLoader({ "t\u00e9st.html": "hello" });
  assertEquals(loader.load("t\u00e9st.html").generate(), "hello");
});

Deno.test("the namespace of a loader is known to its templates", () => {
  const loader = new DictLoader({ "test.html": "{{ inc(5) }}" }, {
    namespace: { inc: (x: number) => x + 1 },
  });
  assertEquals(loader.load("test.html").generate(), "6");
});

Deno.test("apply sends the rendered body through a function", () => {
  const upper = (text: string) => text.toUpperCase();
  const bytes = (text: string) => new TextEncoder().encode(text.toUpperCase());
  assertEquals(render("{% apply upper %}foo{% end %}", { upper }), "FOO");
  assertEquals(render("{% apply upper %}foo \u00e9{% end %}", { upper }), "FOO \u00c9");
  assertEquals(render("{% apply upper %}foo \u00e9{% end %}", { upper: bytes }), "FOO \u00c9");
});

Deno.test("if prints the branch whose condition holds", () => {
  assertEquals(render("{% if x > 4 %}yes{% else %}no{% end %}", { x: 5 }), "yes");
  assertEquals(render("{% if x > 4 %}yes{% else %}no{% end %}", { x: 3 }), "no");
  assertEquals(render("{% if true %}{% else %}{% end %}"), "");
});

Deno.test("try keeps what was printed before the error", () => {
  const source = `{% try %}
try{% set y = 1/x() %}
{% except %}-except
{% else %}-else
{% finally %}-finally
{% end %}`;
  const fail = () => {
    throw new RangeError("no");
  };
  assertEquals(render(source, { x: () => 1 }), "\ntry\n-else\n-finally\n");
  assertEquals(render(source, { x: fail }), "\ntry-except\n-finally\n");
});

Deno.test("break and continue control the loop", () => {
  const source = `{% for i in range(10) %}
    {% if i == 2 %}
        {% continue %}
    {% end %}
    {{ i }}
    {% if i == 6 %}
        {% break %}
    {% end %}
{% end %}`;
  assertEquals(String(render(source, { range })).replaceAll(/\s/g, ""), "013456");
});

Deno.test("break stands in a loop, and not in an apply inside it", () => {
  assertThrows(() => new Template("{% break %}"), ParseError);
  assertThrows(
    () => new Template("{% for i in [] %}{% apply foo %}{% break %}{% end %}{% end %}"),
    ParseError,
  );
});

Deno.test("an error names the template and the line of its expression", () => {
  const cases: [Record<string, string>, string, string][] = [
    [{ "test.html": "one\ntwo{{1/x()}}\nthree\n" }, "test.html", "test.html:2"],
    [{ "test.html": "one\ntwo{%if 1/x()%}\nthree{%end%}\n" }, "test.html", "test.html:2"],
    [
      { "base.html": "{% include 'sub.html' %}", "sub.html": "{{x()}}" },
      "base.html",
      "sub.html:1 (via base.html:1)",
    ],
    [
      { "base.html": "{{x()}}", "sub.html": "{% extends 'base.html' %}" },
      "sub.html",
      "base.html:1",
    ],
    [
      {
        "base.html": "{% block 'block' %}{% end %}",
        "sub.html": "\n{% extends 'base.html' %}\n{% block 'block' %}\n{{x()}}\n{% end %}\n",
      },
      "sub.html",
      "sub.html:4 (via base.html:1)",
    ],
    [
      {
        "a.html": "{% include 'b.html' %}",
        "b.html": "{% include 'c.html' %}",
        "c.html": "{{x()}}",
      },
      "a.html",
      "c.html:1 (via b.html:1, a.html:1)",
    ],
  ];
  const x = () => {
    throw new RangeError("Division by zero");
  };
  for (const [sources, name, place] of cases) {
    const loader = new DictLoader(sources);
    const error = assertThrows(() => loader.load(name).generate({ x }), TemplateError);
    assertStringIncludes(error.message, `Division by zero at ${place}\n`);
    assertEquals(error.cause instanceof RangeError, true);
  }
});

Deno.test("an error in a template that a module renders names both places", () => {
  const loader: DictLoader = new DictLoader({
    "base.html": "{% module Template('sub.html') %}",
    "sub.html": "{{ null.x }}",
  });
  const modules = { Template: (path: string) => loader.load(path).generate() };
  const error = assertThrows(
    () => loader.load("base.html").generate({ _tt_modules: modules }),
    TemplateError,
  );
  assertEquals([error.filename, error.line], ["sub.html", 1]);
});

Deno.test("a parse error has its place in parts", () => {
  const loader = new DictLoader({ "foo.html": "\n\n{{" });
  const error = assertThrows(() => loader.load("foo.html"), ParseError);
  assertEquals(error.message.split("\n")[0], "Missing end expression }} at foo.html:3");
  assertEquals([error.reason, error.filename, error.line, error.sourceLine], [
    "Missing end expression }}",
    "foo.html",
    3,
    "{{",
  ]);
  assertEquals(new ParseError("asdf").message, "asdf at an unnamed template:0");
});

const AUTOESCAPE = {
  "escaped.html": "{% autoescape xhtml_escape %}{{ name }}",
  "unescaped.html": "{% autoescape None %}{{ name }}",
  "default.html": "{{ name }}",
  "include.html": "escaped: {% include 'escaped.html' %}\n" +
    "unescaped: {% include 'unescaped.html' %}\ndefault: {% include 'default.html' %}\n",
  "escaped_block.html": "{% autoescape xhtml_escape %}{% block name %}base: {{ name }}{% end %}",
  "unescaped_block.html": "{% autoescape None %}{% block name %}base: {{ name }}{% end %}",
  "escaped_extends_unescaped.html":
    '{% autoescape xhtml_escape %}{% extends "unescaped_block.html" %}',
  "escaped_overrides_unescaped.html":
    '{% autoescape xhtml_escape %}{% extends "unescaped_block.html" %}' +
    "{% block name %}extended: {{ name }}{% end %}",
  "unescaped_extends_escaped.html": '{% autoescape None %}{% extends "escaped_block.html" %}',
  "unescaped_overrides_escaped.html": '{% autoescape None %}{% extends "escaped_block.html" %}' +
    "{% block name %}extended: {{ name }}{% end %}",
  "raw_expression.html": "{% autoescape xhtml_escape %}expr: {{ name }}\nraw: {% raw name %}",
};

Deno.test("autoescape is a property of each file", () => {
  const name = "Bobby <table>s";
  const off = new DictLoader(AUTOESCAPE, { autoescape: null });
  assertEquals(off.load("escaped.html").generate({ name }), "Bobby &lt;table&gt;s");
  assertEquals(off.load("unescaped.html").generate({ name }), name);
  assertEquals(off.load("default.html").generate({ name }), name);
  assertEquals(
    off.load("include.html").generate({ name }),
    `escaped: Bobby &lt;table&gt;s\nunescaped: ${name}\ndefault: ${name}\n`,
  );
  const on = new DictLoader(AUTOESCAPE, { autoescape: "xhtml_escape" });
  assertEquals(on.load("escaped.html").generate({ name }), "Bobby &lt;table&gt;s");
  assertEquals(on.load("unescaped.html").generate({ name }), name);
  assertEquals(on.load("default.html").generate({ name }), "Bobby &lt;table&gt;s");
  assertEquals(
    on.load("include.html").generate({ name }),
    `escaped: Bobby &lt;table&gt;s\nunescaped: ${name}\ndefault: Bobby &lt;table&gt;s\n`,
  );
});

Deno.test("a block escapes as the file it is written in", () => {
  const loader = new DictLoader(AUTOESCAPE);
  const vectors = {
    "escaped_block.html": "base: &lt;script&gt;",
    "unescaped_block.html": "base: <script>",
    "escaped_extends_unescaped.html": "base: <script>",
    "escaped_overrides_unescaped.html": "extended: &lt;script&gt;",
    "unescaped_extends_escaped.html": "base: &lt;script&gt;",
    "unescaped_overrides_escaped.html": "extended: <script>",
  };
  for (const [file, expected] of Object.entries(vectors)) {
    assertEquals(loader.load(file).generate({ name: "<script>" }), expected, file);
  }
});

Deno.test("raw prints without escaping", () => {
  const loader = new DictLoader(AUTOESCAPE);
  assertEquals(
    loader.load("raw_expression.html").generate({ name: '<>&"' }),
    'expr: &lt;&gt;&amp;&quot;\nraw: <>&"',
  );
});

Deno.test("autoescape can name a function of the namespace", () => {
  const loader = new DictLoader({ "foo.py": "{% autoescape py_escape %}s = {{ name }}\n" });
  const py_escape = (text: string) => `'${text}'`;
  assertEquals(loader.load("foo.py").generate({ py_escape, name: "<html>" }), "s = '<html>'\n");
});

Deno.test("tags may be written over several lines", () => {
  const loader = new DictLoader({
    "foo.txt": "{% for i in items\n  %}{% if i > 0 %}, {% end %}{#\n  #}{{i\n  }}{% end\n%}",
  });
  assertEquals(loader.load("foo.txt").generate({ items: range(5) }), "0, 1, 2, 3, 4");
});

Deno.test("white space is kept or not by the name of the file", () => {
  const loader = new DictLoader({
    "foo.html": "   \n\t\n asdf\t   ",
    "bar.js": " \n\n\n\t qwer     ",
    "baz.txt": "\t    zxcv\n\n",
    "include.html": "  {% include baz.txt %} \n ",
    "include.txt": "\t\t{% include foo.html %}    ",
  });
  assertEquals(loader.load("foo.html").generate(), "\nasdf ");
  assertEquals(loader.load("bar.js").generate(), "\nqwer ");
  assertEquals(loader.load("baz.txt").generate(), "\t    zxcv\n\n");
  assertEquals(loader.load("include.html").generate(), " \t    zxcv\n\n\n");
  assertEquals(loader.load("include.txt").generate(), "\t\t\nasdf     ");
});

Deno.test("a loader can say what happens to white space", () => {
  const sources = { "foo.html": "\t\tfoo\n\n", "bar.txt": "\t\tbar\n\n" };
  const all = new DictLoader(sources, { whitespace: "all" });
  assertEquals(all.load("foo.html").generate(), "\t\tfoo\n\n");
  assertEquals(all.load("bar.txt").generate(), "\t\tbar\n\n");
  const single = new DictLoader(sources, { whitespace: "single" });
  assertEquals(single.load("foo.html").generate(), " foo\n");
  assertEquals(single.load("bar.txt").generate(), " bar\n");
  const oneline = new DictLoader(sources, { whitespace: "oneline" });
  assertEquals(oneline.load("foo.html").generate(), " foo ");
  assertEquals(oneline.load("bar.txt").generate(), " bar ");
});

Deno.test("the whitespace directive counts from where it stands", () => {
  const loader = new DictLoader({
    "foo.html": `{% whitespace oneline %}
    {% for i in range(3) %}
        {{ i }}
    {% end %}
{% whitespace all %}
    pre\tformatted
`,
  });
  assertEquals(loader.load("foo.html").generate({ range }), "  0  1  2  \n    pre\tformatted\n");
});
