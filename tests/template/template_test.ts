import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { raw } from "../../src/text/html_tag.ts";
import { DictLoader } from "../../src/template/loaders/dict_loader.ts";
import { ParseError } from "../../src/template/syntax/parse_error.ts";
import { Template } from "../../src/template/template.ts";
import { TemplateError } from "../../src/template/template_error.ts";

function render(source: string, namespace: Record<string, unknown> = {}): unknown {
  return new Template(source).generate(namespace);
}

// ---- expressions

Deno.test("an expression may be any JavaScript expression", () => {
  const user = { name: "Ann", tags: ["a", "b"], greet: (who: string) => `Hi ${who}` };
  const vectors: [string, unknown][] = [
    ["{{ user.name.toUpperCase() }}", "ANN"],
    ["{{ user?.nothing?.more ?? 'none' }}", "none"],
    ["{{ user.tags.map((tag) => tag + n).join() }}", "a1,b1"],
    ["{{ user.tags.map(function (tag) { const m = tag; return m + n; }) }}", "a1,b1"],
    ["{{ `${n} and ${`${n + 1}`}` }}", "1 and 2"],
    ["{{ {a: {b: n}}['a'].b }}", "1"],
    ["{{ { n }.n }}", "1"],
    ["{{ [...user.tags, n].length }}", "3"],
    ["{{ (({ name, ...rest }) => name + Object.keys(rest).length)(user) }}", "Ann2"],
    ["{{ /}}/.test('}}') ? 'yes' : 'no' }}", "yes"],
    ["{{ '}}' + \"%}\" + `}}` }}", "}}%}}}"],
    ["{{ n++ }}{{ n }}{{ n += 2 }}{{ --n }}", "1243"],
    ["{{ new Date(0).getUTCFullYear() }}", "1970"],
    ["{{ new (class { x = n })().x }}", "1"],
    ["{{ typeof nothing }} {{ typeof user }} {{ typeof (nothing) }}", "undefined object undefined"],
    ["{{ user /* a comment */ .name // and another\n }}", "Ann"],
    ["{{ n, user.name }}", "Ann"],
    ["{{ user.greet`x` }}", "Hi x"],
    ["{{ void 0 }}{{ null }}{{ undefined }}{{ NaN }}{{ 0 }}{{ false }}", "NaN0false"],
    ["{{ (() => { try { throw n } catch (e) { return e } finally { n } })() }}", "1"],
    ["{{ (() => { let s = 0; for (const x of [1, 2]) { s += x } return s })() }}", "3"],
    ["{{ (() => { switch (n) { case 1: let y = 'one'; return y } })() }}", "one"],
    ["{{ (function f(x) { return x ? f(x - 1) + arguments.length : 0 })(3) }}", "3"],
    ["{{ (() => { var v = 1; { let v = 2 } return v })() }}", "1"],
  ];
  for (const [source, expected] of vectors) {
    assertEquals(render(source, { user, n: 1 }), expected, source);
  }
});

Deno.test("a block inside a function does not hide a name behind it", () => {
  assertEquals(render("{{ (() => { { let n = 2; n } return n })() }}", { n: 1 }), "1");
});

Deno.test("null and undefined print nothing, and what has no text is refused", () => {
  assertEquals(render("[{{ a }}{{ b }}]", { a: null, b: undefined }), "[]");
  for (const value of [{}, () => 1, Promise.resolve(1), Symbol("s")]) {
    const error = assertThrows(() => render("{{ value }}", { value }), TemplateError);
    assertStringIncludes(error.message, "Cannot print");
    assertStringIncludes(error.message, "at <string>:1");
    const rawly = assertThrows(() => render("{% raw value %}", { value }), TemplateError);
    assertStringIncludes(rawly.message, "Cannot print");
  }
});

Deno.test("html that vouches for itself is not escaped again", () => {
  assertEquals(render("{{ raw('<hr>') }}{{ html`<b>${x}</b>` }}", { x: "<" }), "<hr><b>&lt;</b>");
  assertEquals(render("{{ x }}{% raw x %}", { x: raw("<hr>") }), "<hr><hr>");
});

// ---- names

Deno.test("a name that is not there is an error with the names that are", () => {
  const error = assertThrows(
    () => render("a\n{{ usr.name }}", { user: 1, title: 2 }),
    TemplateError,
  );
  assertEquals(error.reason, `Name "usr" is not defined`);
  assertEquals(error.hint, `Did you mean "user"? The names here are user, title`);
  assertEquals([error.filename, error.line, error.sourceLine], ["<string>", 2, "{{ usr.name }}"]);
  const alone = assertThrows(() => render("{{ x }}"), TemplateError);
  assertEquals(alone.hint, "There are no names here");
});

Deno.test("a name is not looked up before it is used, and only once", () => {
  let reads = 0;
  const namespace = {
    get user() {
      reads++;
      return "Ann";
    },
    show: false,
  };
  const page = new Template("{% if show %}{{ user }}{{ user }}{% end %}");
  assertEquals(page.generate(namespace), "");
  assertEquals(reads, 0);
  namespace.show = true;
  assertEquals(page.generate(namespace), "AnnAnn");
  assertEquals(reads, 1);
  assertEquals(render("{% if false %}{{ missing }}{% end %}"), "");
});

Deno.test("no name reaches a prototype or the runtime", () => {
  const names = [
    ...["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf", "__defineGetter__"],
    ...[
      "globalThis",
      "Deno",
      "process",
      "window",
      "self",
      "fetch",
      "eval",
      "Function",
      "arguments",
    ],
    ...["setTimeout", "console", "queueMicrotask", "structuredClone", "navigator", "exports"],
  ];
  for (const name of names) {
    for (const source of [`{{ ${name} }}`, `{{ ({ ${name} }).x }}`, `{{ ${name}() }}`]) {
      const error = assertThrows(() => render(source, { x: 1 }), TemplateError);
      assertEquals(error.reason, `Name "${name}" is not defined`);
    }
    assertEquals(render(`{{ typeof ${name} }}`), "undefined");
  }
});

Deno.test("such names work as names of the page", () => {
  const namespace = JSON.parse(`{"__proto__":"p","constructor":"c","toString":"t"}`);
  assertEquals(render("{{ __proto__ }}{{ constructor }}{{ toString }}", namespace), "pct");
  assertEquals(render("{{ Object.keys({ __proto__ }) }}", namespace), "__proto__");
  assertEquals(render("{% set __proto__ = 1 %}{{ __proto__ }}"), "1");
});

Deno.test("what is passed in hides what a loader gives, which hides the built-in names", () => {
  const sources = { a: "{{ x }}{{ squeeze }}" };
  const loader = new DictLoader(sources, { namespace: { x: 1, squeeze: "loader" } });
  assertEquals(loader.load("a").generate(), "1loader");
  assertEquals(loader.load("a").generate({ squeeze: "mine" }), "1mine");
});

Deno.test("names of the template system are reserved", () => {
  assertThrows(() => render("{{ _tt_o }}"), ParseError, "reserved");
  assertThrows(() => render("{% set _tt_o = 1 %}"), ParseError, "reserved");
  assertThrows(() => render("{% for _tt_r in xs %}{% end %}"), ParseError, "reserved");
  assertThrows(() => render("{{ [1].map((_tt_u) => 1) }}"), ParseError, "reserved");
  assertThrows(() => render("{% from m import _tt_r %}"), ParseError, "reserved");
  assertEquals(render("{{ x._tt_o }}", { x: { _tt_o: 1 } }), "1");
});

Deno.test("a template leaves nothing behind in the next rendering", () => {
  const page = new Template("{{ n = n + 1 }}");
  assertEquals(page.generate({ n: 1 }), "2");
  assertEquals(page.generate({ n: 1 }), "2");
});

// ---- statements

Deno.test("set makes a variable of the whole template", () => {
  assertEquals(render("{% for x in [1, 2] %}{% set last = x %}{% end %}{{ last }}"), "2");
  assertEquals(render("{% set [a, b] = [1, 2] %}{% set [a, b] = [b, a] %}{{ a }}{{ b }}"), "21");
  assertEquals(render("{% set {a, b = 5, ...c} = {a: 1, z: 2} %}{{ a }}{{ b }}{{ c.z }}"), "152");
  assertEquals(render("{% set a = b = 3 %}{{ a }}{{ b }}"), "33");
  assertEquals(render("{% set n += 1 %}{% set n++ %}{% set n ??= 9 %}{{ n }}", { n: 1 }), "3");
  assertEquals(render("{% set o.x = 5 %}{{ o.x }}", { o: {} }), "5");
  assertEquals(render("{% set list.push(1) %}{{ list }}", { list: [] }), "1");
});

Deno.test("a variable that was not set yet is the name of the page", () => {
  const source = "{{ title }}{% set title = title + '!' %}{{ title }}";
  assertEquals(render(source, { title: "Hi" }), "HiHi!");
  assertThrows(() => render("{% if false %}{% set x = 1 %}{% end %}{{ x }}"), TemplateError);
});

Deno.test("for goes through anything iterable, with patterns", () => {
  assertEquals(render("{% for x of [1, 2] %}{{ x }}{% end %}"), "12");
  assertEquals(render("{% for const x of 'ab' %}{{ x }},{% end %}"), "a,b,");
  const map = new Map([["a", 1], ["b", 2]]);
  assertEquals(render("{% for [k, v] in map %}{{ k }}{{ v }}{% end %}", { map }), "a1b2");
  assertEquals(render("{% for k, v in map %}{{ k }}{{ v }}{% end %}", { map }), "a1b2");
  assertEquals(render("{% for {a, b = n} of [{a: 1}] %}{{ a }}{{ b }}{% end %}", { n: 9 }), "19");
  assertEquals(render("{% for x in x %}{{ x }}{% end %}", { x: [1, 2] }), "12");
  assertEquals(render("{% for x in [1] %}{% end %}{{ x }}", { x: "outer" }), "outer");
});

Deno.test("for refuses what it cannot go through, and says what to write", () => {
  const error = assertThrows(
    () => render("{% for k in o %}{% end %}", { o: { a: 1 } }),
    TemplateError,
  );
  assertEquals(error.reason, "Cannot loop over an object that is not iterable");
  assertStringIncludes(error.hint, "Object.entries");
  const empty = assertThrows(() => render("{% for k in o %}{% end %}", { o: null }), TemplateError);
  assertEquals(empty.reason, "Cannot loop over null");
});

Deno.test("while, break and continue work together with try", () => {
  const source =
    "{% set i = 0 %}{% while true %}{% set i++ %}{% try %}{% if i == 2 %}{% continue %}{% end %}" +
    "{% if i == 4 %}{% break %}{% end %}{{ i }}{% finally %};{% end %}{% end %}";
  assertEquals(render(source), "1;;3;;");
});

Deno.test("except gets the error, by the names of Python and of JavaScript", () => {
  for (const tag of ["except e", "catch e", "catch (e)", "except Exception as e"]) {
    const source = `{% try %}{{ f() }}{% ${tag} %}{{ e.message }}{% end %}`;
    const f = () => {
      throw new RangeError("no <way>");
    };
    assertEquals(render(source, { f }), "no &lt;way&gt;");
  }
  assertEquals(render("{% try %}{{ nope }}{% except %}none{% end %}"), "none");
});

Deno.test("an error in the else of a try is not caught by its except", () => {
  const source = "{% try %}a{% except %}b{% else %}{{ null.x }}{% finally %}c{% end %}";
  assertThrows(() => render(source), TemplateError, "Cannot read properties of null");
});

Deno.test("apply nests, keeps what was printed before an error, and shares the variables", () => {
  const f = (text: string) => `[${text}]`;
  assertEquals(render("{% apply f %}a{% apply f %}b{% end %}c{% end %}", { f }), "[a[b]c]");
  assertEquals(render("{% apply o.f %}<{{ '<' }}{% end %}", { o: { f } }), "[<&lt;]");
  assertEquals(render("{% apply f %}{% set x = 1 %}{% end %}{{ x }}", { f }), "[]1");
  const source = "{% try %}a{% apply f %}b{{ null.x }}{% end %}{% except %}c{% end %}";
  assertEquals(render(source, { f }), "ac");
});

Deno.test("import finds what the loader was given", () => {
  const imports = { fmt: { money: (x: number) => `${x} €`, one: 1 } };
  const load = (source: string) => new DictLoader({ a: source }, { imports }).load("a");
  const vectors = [
    `{% import { money } from "fmt" %}{{ money(1) }}`,
    `{% import { money as m } from "fmt" %}{{ m(1) }}`,
    "{% from fmt import money %}{{ money(1) }}",
    "{% from fmt import one, money as m %}{{ m(one) }}",
    "{% import fmt %}{{ fmt.money(1) }}",
    "{% import fmt as f %}{{ f.money(1) }}",
    "{% import * as f from 'fmt' %}{{ f.money(1) }}",
  ];
  for (const source of vectors) assertEquals(load(source).generate(), "1 €", source);
  const noModule = assertThrows(() => load("{% import fm %}").generate(), TemplateError);
  assertEquals(noModule.reason, 'Cannot import "fm"');
  assertStringIncludes(noModule.hint, 'Did you mean "fmt"?');
  const noExport = assertThrows(() => load("{% from fmt import mony %}").generate(), TemplateError);
  assertEquals(noExport.reason, '"fmt" exports no "mony"');
  assertThrows(() => load("{% import constructor %}").generate(), TemplateError);
  assertThrows(() => load("{% from fmt import constructor %}").generate(), TemplateError);
});

Deno.test("braces in a row: the innermost two count", () => {
  assertEquals(render(String.raw`\textbf{{{ x }}}`, { x: 1 }), String.raw`\textbf{1}`);
  assertEquals(render("{ {x { % }"), "{ {x { % }");
  assertEquals(render("{{! x }} {%! if %} {#! c #}"), "{{ x }} {% if %} {# c #}");
});

Deno.test("preformatted text keeps its white space", () => {
  const page = new Template("<pre>\n  a\n</pre>  x  <textarea rows=1>  y", {
    whitespace: "oneline",
  });
  assertEquals(page.generate(), "<pre>\n  a\n</pre>  x  <textarea rows=1>  y");
  assertEquals(
    new Template("a\u00a0 \u00a0b", { whitespace: "oneline" }).generate(),
    "a\u00a0 \u00a0b",
  );
});

// ---- inheritance

Deno.test("blocks nest, and each descendant replaces what it names", () => {
  const loader = new DictLoader({
    "a": "<{% block outer %}[{% block inner %}a{% end %}]{% end %}>",
    "b": "ignored{% extends a %}{% block inner %}b{% end %}",
    "c": "{% extends b %}{% block inner %}c{% end %}",
    "d": "{% extends a %}{% block outer %}d{% block inner %}!{% end %}{% end %}",
    "e": "{% extends d %}{% block inner %}e{% end %}",
  });
  const pages = ["a", "b", "c", "d", "e"].map((name) => loader.load(name).generate());
  assertEquals(pages, ["<[a]>", "<[b]>", "<[c]>", "<d!>", "<de>"]);
});

Deno.test("a block of an included file can be replaced, and sees the variables around it", () => {
  const loader = new DictLoader({
    "base": "{% for i in [1, 2] %}{% include part %}{% end %}",
    "part": "{% block cell %}({{ i }}){% end %}",
    "page": "{% extends base %}{% block cell %}<{{ i }}>{% end %}",
  });
  assertEquals(loader.load("base").generate(), "(1)(2)");
  assertEquals(loader.load("page").generate(), "<1><2>");
});

Deno.test("a file is used with its own whitespace and autoescape wherever it is included", () => {
  const loader = new DictLoader({
    "page.html": "{% autoescape None %}{{ x }} {% include part.txt %}",
    "part.txt": "  {{ x }}",
  }, { autoescape: "xhtml_escape" });
  assertEquals(loader.load("page.html").generate({ x: "<" }), "<   &lt;");
});

Deno.test("autoescape may be a function", () => {
  const shout = (text: string) => text.toUpperCase();
  assertEquals(new Template("{{ x }}a", { autoescape: shout }).generate({ x: "x" }), "Xa");
  const loader = new DictLoader({ a: "{{ x }}{% include b %}", b: "{{ x }}" }, {
    autoescape: shout,
  });
  assertEquals(loader.load("a").generate({ x: "x" }), "XX");
});

// ---- asynchronous templates

Deno.test("a template that awaits gives a promise", async () => {
  const page = new Template(
    "{{ await f() }}{% for x in await xs %}{{ x }}{% end %}{% if await f() %}y{% end %}",
  );
  const result = page.generate({ f: () => Promise.resolve("<"), xs: Promise.resolve([1, 2]) });
  assert(result instanceof Promise);
  assertEquals(await result, "&lt;12y");
});

Deno.test("an await inside a function of an expression does not make the template asynchronous", () => {
  assertEquals(render("{{ (async () => await 1) instanceof Object }}"), "true");
});

Deno.test("for await goes through an asynchronous iterable", async () => {
  async function* rows() {
    yield 1;
    yield await Promise.resolve(2);
  }
  assertEquals(await render("{% for await x of rows() %}{{ x }},{% end %}", { rows }), "1,2,");
  assertEquals(await render("{% for await x of [1] %}{{ x }}{% end %}"), "1");
});

Deno.test("an error after an await has its place, too", async () => {
  const page = new Template("a\n{{ await f() }}\n{{ null.x }}");
  const error = await assertRejects(
    () => Promise.resolve(page.generate({ f: () => Promise.resolve(1) })),
    TemplateError,
  );
  assertEquals(error.line, 3);
});

Deno.test("a module that gives a promise makes the page one", async () => {
  const modules = {
    Slow: (x: number) => Promise.resolve(`<i>${x}</i>`),
    Fast: (x: number) => `<b>${x}</b>`,
  };
  const page = new Template("a{% module Slow(1) %}b{% module Fast(2) %}c{% module Slow(3) %}d");
  const result = page.generate({ _tt_modules: modules });
  assert(result instanceof Promise);
  assertEquals(await result, "a<i>1</i>b<b>2</b>c<i>3</i>d");
  assertEquals(
    new Template("a{% module Fast(2) %}").generate({ _tt_modules: modules }),
    "a<b>2</b>",
  );
});

Deno.test("a module that fails later has its place, and leaves no rejection unhandled", async () => {
  const modules = { Slow: () => Promise.reject(new Error("late")) };
  const page = new Template("a\n{% module Slow() %}{{ x }}");
  const error = await assertRejects(
    () => Promise.resolve(page.generate({ _tt_modules: modules, x: 1 })),
    TemplateError,
  );
  assertEquals([error.reason, error.line], ["late", 2]);
  assertThrows(() => page.generate({ _tt_modules: modules }), TemplateError, `Name "x"`);
});

Deno.test("an unknown module is an error", () => {
  const error = assertThrows(
    () => render("{% module Nope() %}", { _tt_modules: {} }),
    TemplateError,
  );
  assertEquals(error.reason, 'UI module "Nope" is not defined');
  assertThrows(() => render("{% module constructor() %}", { _tt_modules: {} }), TemplateError);
});

// ---- errors

Deno.test("an error of the application's own class passes through with the place in its stack", () => {
  class Forbidden extends Error {}
  const thrown = new Forbidden("no");
  const f = () => {
    throw thrown;
  };
  const error = assertThrows(() => render("\n{{ f() }}", { f }), Forbidden);
  assertEquals(error, thrown);
  assertStringIncludes(error.stack ?? "", "at template <string>:2");
  const frozen = () => {
    throw Object.freeze(new Forbidden("frozen"));
  };
  assertThrows(() => render("{{ f() }}", { f: frozen }), Forbidden, "frozen");
});

Deno.test("an error's message shows no values of the page", () => {
  const error = assertThrows(
    () => render("{{ password.x.y }}", { password: "hunter2" }),
    TemplateError,
  );
  assertEquals(error.message.includes("hunter2"), false);
});

// ---- streams

Deno.test("a streamed page is given out before it waits", async () => {
  const gate = Promise.withResolvers<string>();
  const page = new Template("<head>{{ title }}</head>{{ await slow }}<p>end");
  const stream = page.generateStream({ title: "T", slow: gate.promise });
  assertEquals(await stream.next(), { done: false, value: "<head>T</head>" });
  gate.resolve("late");
  assertEquals(await stream.next(), { done: false, value: "late<p>end" });
  assertEquals((await stream.next()).done, true);
});

Deno.test("a long streamed page comes in pieces", async () => {
  const page = new Template("{% for x in xs %}{{ x }}{% apply f %}.{% end %}{% end %}");
  const xs = Array.from({ length: 5000 }, (_, index) => index);
  const namespace = { xs, f: (text: string) => text };
  const chunks = await Array.fromAsync(page.generateStream(namespace));
  assert(chunks.length > 3);
  assert(chunks.every((chunk) => chunk.length < 5000));
  assertEquals(chunks.join(""), page.generate(namespace));
});

Deno.test("a streamed page that is no longer wanted runs its finally", async () => {
  const done: string[] = [];
  const source =
    "{% try %}a{{ await 1 }}b{{ await 2 }}{% finally %}{% set done.push('x') %}{% end %}";
  for await (const chunk of new Template(source).generateStream({ done })) {
    assertEquals(chunk, "a");
    break;
  }
  assertEquals(done, ["x"]);
});

Deno.test("a streamed page fails with the place of the error", async () => {
  const stream = new Template("a{{ await 1 }}\n{{ null.x }}").generateStream();
  await stream.next();
  const error = await assertRejects(() => stream.next(), TemplateError);
  assertEquals(error.line, 2);
});

Deno.test("a streamed page waits for its modules in order", async () => {
  const modules = { Slow: (x: number) => Promise.resolve(`<i>${x}</i>`) };
  const page = new Template("a{% module Slow(1) %}b{% module Slow(2) %}");
  const chunks = await Array.fromAsync(page.generateStream({ _tt_modules: modules }));
  assertEquals(chunks, ["a", "<i>1</i>b", "<i>2</i>"]);
});
