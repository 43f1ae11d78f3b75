/** Tornado's guide to templates, and the page of its template module, line by line. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { DictLoader } from "../../../src/template/loaders/dict_loader.ts";
import { Template } from "../../../src/template/template.ts";
import { TemplateError } from "../../../src/template/template_error.ts";
import * as locale from "../../../src/text/locale/mod.ts";
import { Application } from "../../../src/web/application.ts";
import type { ApplicationSettings } from "../../../src/web/application_settings.ts";
import { UIModule, type UIModuleOutput } from "../../../src/web/pages/ui_module.ts";
import { type Answer, RequestHandler } from "../../../src/web/request_handler.ts";

async function get(
  sources: Readonly<Record<string, string>>,
  namespace: Record<string, unknown> = {},
  settings: ApplicationSettings = {},
): Promise<string> {
  class Main extends RequestHandler {
    override get(): Answer {
      return this.render("template.html", namespace);
    }
    override getCurrentUser(): string {
      return "Ann";
    }
  }
  const templateLoader = new DictLoader(sources);
  const app = new Application([["/", Main, {}, "home"]], { templateLoader, ...settings });
  return await (await app.fetch(new Request("http://localhost/"))).text();
}

function render(source: string, namespace: Record<string, unknown> = {}): unknown {
  return new Template(source).generate(namespace);
}

// ---- Template syntax

Deno.test("guide: a template is HTML with control sequences and expressions", async () => {
  const source = `<html>
   <head>
      <title>{{ title }}</title>
   </head>
   <body>
     <ul>
       {% for item in items %}
         <li>{{ escape(item) }}</li>
       {% end %}
     </ul>
   </body>
 </html>`;
  const text = await get({ "template.html": source }, { title: "My title", items: ["Item 1"] });
  assertStringIncludes(text, "<title>My title</title>");
  assertStringIncludes(text, "<li>Item 1</li>");
});

Deno.test("guide: control statements and expressions", () => {
  const items = ["a", "b", "c"];
  assertEquals(render("{% if items.length > 2 %}many{% end %}", { items }), "many");
  assertEquals(render("{{ items[0] }}", { items }), "a");
});

Deno.test("guide: the names of every template", async () => {
  const names = ["escape", "xhtml_escape", "url_escape", "json_encode", "squeeze", "linkify"]
    .concat(["handler", "request", "current_user", "locale", "_", "static_url", "reverse_url"]);
  const source = names.map((name) => `{{ typeof ${name} }}`).join(" ");
  const types = (await get({ "template.html": source })).split(" ");
  const functions = Array(6).fill("function");
  assertEquals(types, [
    ...functions,
    "object",
    "object",
    "string",
    "object",
    ...Array(3).fill("function"),
  ]);
  const calls = "{{ url_escape('a b') }} {{ squeeze(' a  b ') }} {{ reverse_url('home') }} " +
    "{{ request.path }} {{ current_user }} {{ locale.name }}";
  assertEquals(await get({ "template.html": calls }), "a+b a b / / Ann English (United States)");
});

Deno.test("guide: nothing is prevented, and what is random fails when it runs", () => {
  assertThrows(() => render("{{ items.nothing.more }}", { items: [] }), TemplateError);
});

// ---- Security

Deno.test("guide: escaping is for HTML, and jsonEncode for scripts", () => {
  assertEquals(render("{{ x }}", { x: `<a "b">` }), "&lt;a &quot;b&quot;&gt;");
  const source = "<script>var x = {% raw json_encode(some_object) %};</script>";
  assertEquals(
    render(source, { some_object: { a: ["</script>", 1, null] } }),
    String.raw`<script>var x = {"a":["<\/script>",1,null]};</script>`,
  );
});

Deno.test("guide: escaping can be turned off for all, for a file and for an expression", async () => {
  const x = "<b>";
  const loader = new DictLoader({ "a": "{{ x }}" }, { autoescape: null });
  assertEquals(loader.load("a").generate({ x }), x);
  assertEquals(render("{% autoescape None %}{{ x }}", { x }), x);
  assertEquals(render("{% raw x %}", { x }), x);
  const shout = (text: string) => text.toUpperCase();
  assertEquals(render("{% autoescape shout %}{{ x }}", { x, shout }), "<B>");
  assertEquals(await get({ "template.html": "{{ x }}" }, { x }), "&lt;b&gt;");
});

// ---- Internationalization

Deno.test("guide: texts are translated by the locale of the visitor", async () => {
  locale.addTranslations(
    "en_US",
    `Sign in,Log in
A person liked this,One person liked it,singular
%(num)d people liked this,%(num)d persons liked it,plural
`,
  );
  try {
    const source = `<title>FriendFeed - {{ _("Sign in") }}</title>
<form action="{{ request.path }}" method="post">
<input type="submit" value="{{ _("Sign in") }}"/>
{% module form_token() %}</form>
{{ _("A person liked this", "%(num)d people liked this", people.length, {num: people.length}) }}`;
    class form_token extends UIModule {
      override render(): string {
        return `<input type="hidden"/>`;
      }
    }
    const settings = { uiModules: { form_token } };
    const text = await get({ "template.html": source }, { people: ["a", "b"] }, settings);
    assertEquals(
      text,
      `<title>FriendFeed - Log in</title>
<form action="/" method="post">
<input type="submit" value="Log in"/>
<input type="hidden"/></form>
2 persons liked it`,
    );
    const one = await get({ "template.html": source }, { people: ["a"] }, settings);
    assertStringIncludes(one, "One person liked it");
  } finally {
    locale.clearTranslations();
  }
});

// ---- UI modules

interface BlogEntry {
  readonly title: string;
}

class Entry extends UIModule {
  override render(entry: BlogEntry, options: { showComments?: boolean } = {}): UIModuleOutput {
    return this.renderString("module-entry.html", {
      entry,
      showComments: options.showComments ?? false,
    });
  }
  override embeddedCss(): string {
    return ".entry { margin-bottom: 1em; }";
  }
}

const ENTRY = `<div class="entry">{{ entry.title }}{% if showComments %} Comments{% end %}</div>`;
const LAYOUT = (body: string) => `<head></head><body>${body}</body>`;
const STYLE = `<style type="text/css">\n.entry { margin-bottom: 1em; }\n</style>\n`;

Deno.test("guide: a UI module is used on several pages, its styles once on each", async () => {
  const entries = [{ title: "A" }, { title: "B" }];
  const uiModules = { Entry };
  const home = await get(
    {
      "template.html": LAYOUT("{% for entry in entries %}{% module Entry(entry) %}{% end %}"),
      "module-entry.html": ENTRY,
    },
    { entries },
    { uiModules },
  );
  assertEquals(
    home,
    `<head>${STYLE}</head><body><div class="entry">A</div><div class="entry">B</div></body>`,
  );
  const single = await get(
    {
      "template.html": LAYOUT("{% module Entry(entry, {showComments: true}) %}"),
      "module-entry.html": ENTRY,
    },
    { entry: entries[0] },
    { uiModules },
  );
  assertStringIncludes(single, `<div class="entry">A Comments</div>`);
});

Deno.test("guide: a template file is a UI module of its own", async () => {
  const text = await get({
    "template.html": LAYOUT(
      `{% module Template("module-entry.html", { entry, showComments: true }) %}`,
    ),
    "module-entry.html":
      `{{ set_resources({ embedded_css: ".entry { margin-bottom: 1em; }" }) }}${ENTRY}`,
  }, { entry: { title: "A" } });
  assertEquals(
    text,
    `<head>${STYLE}</head><body><div class="entry">A Comments</div></body>`,
  );
});

// ---- the page of the template module

Deno.test("module page: a template is compiled, and rendered with values", () => {
  assertEquals(render("<html>{{ myvalue }}</html>", { myvalue: "XXX" }), "<html>XXX</html>");
});

Deno.test("module page: a template extends another", () => {
  const loader = new DictLoader({
    "base.html": `<html>
  <head>
    <title>{% block title %}Default title{% end %}</title>
  </head>
  <body>
    <ul>
      {% for student in students %}
        {% block student %}
          <li>{{ escape(student.name) }}</li>
        {% end %}
      {% end %}
    </ul>
  </body>
</html>`,
    "bold.html": `{% extends "base.html" %}

{% block title %}A bolder title{% end %}

{% block student %}
  <li><span style="bold">{{ escape(student.name) }}</span></li>
{% end %}`,
  });
  const students = [{ name: "Ann" }, { name: "Bob" }];
  const base = String(loader.load("base.html").generate({ students }));
  assertStringIncludes(base, "<title>Default title</title>");
  assertStringIncludes(base, "<li>Ann</li>");
  const bold = String(loader.load("bold.html").generate({ students }));
  assertStringIncludes(bold, "<title>A bolder title</title>");
  assertStringIncludes(bold, `<li><span style="bold">Bob</span></li>`);
});

Deno.test("module page: expressions are not restricted, and functions are passed like values", () => {
  const people = [{ name: "Ann", student: true, age: 24 }, { name: "Bob", student: true, age: 20 }];
  const source =
    "{% for student in people.filter((p) => p.student && p.age > 23) %}{{ student.name }}{% end %}";
  assertEquals(render(source, { people }), "Ann");
  assertEquals(render("{{ add(1, 2) }}", { add: (x: number, y: number) => x + y }), "3");
});

Deno.test("module page: the syntax reference", () => {
  const linkify = (text: string) => `[${text}]`;
  const vectors: [string, string][] = [
    ["a{# comment #}b", "ab"],
    ["{{!x}}{%!x%}{#!x#}", "{{x}}{%x%}{#x#}"],
    ["{% apply linkify %}{{name}} said: {{message}}{% end %}", "[Ann said: hi]"],
    ["{% autoescape xhtml_escape %}{{ markup }}", "&lt;"],
    ["{% autoescape None %}{{ markup }}", "<"],
    ["{% block title %}Default title{% end %}", "Default title"],
    ["{% comment this is removed %}", ""],
    ["{% for x in [1, 2, 3] %}{% if x == 2 %}{% continue %}{% end %}{{ x }}{% end %}", "13"],
    ["{% for x in [1, 2, 3] %}{% if x == 2 %}{% break %}{% end %}{{ x }}{% end %}", "1"],
    ["{% if false %}a{% elif true %}b{% else %}c{% end %}", "b"],
    ["{% raw markup %}", "<"],
    ["{% set x = 5 %}{{ x }}", "5"],
    ["{% try %}{{ null.x }}{% except %}e{% else %}n{% finally %}f{% end %}", "ef"],
    ["{% set i = 0 %}{% while i < 3 %}{{ i }}{% set i += 1 %}{% end %}", "012"],
    ["{% whitespace oneline %}a \n b", "a b"],
  ];
  const namespace = { name: "Ann", message: "hi", markup: "<", linkify };
  for (const [source, expected] of vectors) assertEquals(render(source, namespace), expected);
});
