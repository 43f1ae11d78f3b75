import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { DictLoader } from "../../src/template/loaders/dict_loader.ts";
import { ParseError } from "../../src/template/syntax/parse_error.ts";
import { Template } from "../../src/template/template.ts";
import { TemplateError } from "../../src/template/template_error.ts";
import { TemplateNotFoundError } from "../../src/template/loaders/template_path.ts";

/** A malformed source, what is wrong with it, and the line of the mistake. */
const MALFORMED: readonly [string, string, number][] = [
  [`{{`, `Missing end expression }}`, 1],
  [`a\nb {{ x`, `Missing end expression }}`, 2],
  [`{{ }}`, `Empty expression`, 1],
  [`\n{{\n}}`, `Empty expression`, 2],
  [`{{ x }`, `Missing end expression }}`, 1],
  [`{{ x } }`, `Missing end expression }}`, 1],
  [`{%`, `Missing end block %}`, 1],
  [`a\n\n{% if x`, `Missing end block %}`, 3],
  [`{% %}`, `Empty block tag ({% %})`, 1],
  [`{%%}`, `Empty block tag ({% %})`, 1],
  [`\n{%\n%}`, `Empty block tag ({% %})`, 2],
  [`{#`, `Missing end comment #}`, 1],
  [`one\ntwo {# three\nfour`, `Missing end comment #}`, 2],
  [`{% end %}`, `Extra {% end %} block`, 1],
  [`a\n{% if x %}b{% end %}\n{% end %}`, `Extra {% end %} block`, 3],
  [`{% if x %}`, `Missing {% end %} block for if`, 1],
  [`a\n{% for x in xs %}\nb\nc`, `Missing {% end %} block for for`, 2],
  [`{% while x %}{% if y %}{% end %}`, `Missing {% end %} block for while`, 1],
  [`{% block a %}`, `Missing {% end %} block for block`, 1],
  [`{% try %}`, `Missing {% end %} block for try`, 1],
  [`{% apply f %}`, `Missing {% end %} block for apply`, 1],
  [`{% else %}`, `else outside if or try block`, 1],
  [`{% elif x %}`, `elif outside if block`, 1],
  [`{% except %}`, `except outside try block`, 1],
  [`{% catch e %}`, `catch outside try block`, 1],
  [`{% finally %}`, `finally outside try block`, 1],
  [`{% for x in xs %}\n{% else %}{% end %}`, `else block cannot be attached to for block`, 2],
  [`{% while x %}{% else %}{% end %}`, `else block cannot be attached to while block`, 1],
  [`{% for x in xs %}\n{% elif y %}{% end %}`, `elif block cannot be attached to for block`, 2],
  [`{% block b %}{% else %}{% end %}`, `else block cannot be attached to block block`, 1],
  [`{% if x %}{% except %}{% end %}`, `except block cannot be attached to if block`, 1],
  [`{% apply f %}{% finally %}{% end %}`, `finally block cannot be attached to apply block`, 1],
  [`{% if x %}{% else %}\n{% elif y %}{% end %}`, `elif block cannot follow else block`, 2],
  [`{% if x %}{% else %}\n{% else %}{% end %}`, `else block cannot follow else block`, 2],
  [`{% if x %}{% else y %}{% end %}`, `else takes nothing, but got "y"`, 1],
  [`{% if %}a{% end %}`, `if missing condition`, 1],
  [`{% if x %}{% elif %}{% end %}`, `elif missing condition`, 1],
  [`{% while %}{% end %}`, `while missing condition`, 1],
  [`{% if x = 1 %}{% end %}`, `if has an assignment for a condition`, 1],
  [`{% if x %}\n{% elif x = 1 %}{% end %}`, `elif has an assignment for a condition`, 2],
  [`{% if x %}\n{% else if x = 1 %}{% end %}`, `else has an assignment for a condition`, 2],
  [`{% while x = 1 %}{% end %}`, `while has an assignment for a condition`, 1],
  [`{% for %}{% end %}`, `for needs a variable and values, but got ""`, 1],
  [`{% for x %}{% end %}`, `for needs a variable and values, but got "x"`, 1],
  [`{% for x in %}{% end %}`, `for needs a variable and values, but got "x in"`, 1],
  [`{% for in xs %}{% end %}`, `for needs a variable and values, but got "in xs"`, 1],
  [`{% for 1 in xs %}{% end %}`, `Invalid expression "1": Assigning to rvalue`, 1],
  [`{% for a.b in xs %}{% end %}`, `Invalid expression "a.b": Assigning to rvalue`, 1],
  [`{% for x, in %}{% end %}`, `for needs a variable and values, but got "x, in"`, 1],
  [
    `{% for x = 1 of xs %}{% end %}`,
    `Invalid expression "x = 1": Expected one name or one pattern`,
    1,
  ],
  [
    `{% for ...x of xs %}{% end %}`,
    `Invalid expression "...x": Expected one name or one pattern`,
    1,
  ],
  [`{% for [a, b of xs %}{% end %}`, `Invalid expression "[a, b": Unexpected end`, 1],
  [`{% break %}`, `break outside for or while block`, 1],
  [`{% if x %}\n{% continue %}{% end %}`, `continue outside for or while block`, 2],
  [
    `{% for x in xs %}{% apply f %}\n{% break %}{% end %}{% end %}`,
    `break outside for or while block`,
    2,
  ],
  [`{% for x in xs %}{% break 2 %}{% end %}`, `break takes nothing, but got "2"`, 1],
  [`{% try %}a{% end %}`, `try block needs an except or a finally block`, 1],
  [`{% try %}{% else %}{% end %}`, `else block of try needs an except block before it`, 1],
  [`{% try %}{% finally %}\n{% except %}{% end %}`, `except block cannot follow finally block`, 2],
  [`{% try %}{% except %}{% except %}{% end %}`, `A try block has only one except block`, 1],
  [`{% try %}{% except KeyError %}{% end %}`, `except catches every error, but got "KeyError"`, 1],
  [`{% try %}{% catch (a.b) %}{% end %}`, `catch catches every error, but got "(a.b)"`, 1],
  [`{% try x %}{% except %}{% end %}`, `try takes nothing, but got "x"`, 1],
  [
    `{% try %}{% except let %}{% end %}`,
    `Invalid expression "let": The keyword 'let' is reserved`,
    1,
  ],
  [`{% extends %}`, `extends missing file path`, 1],
  [`{% extends "" %}`, `extends missing file path`, 1],
  [`{% extends 'a' %}\n{% extends 'b' %}`, `A template can extend only one other`, 2],
  [`{% if x %}\n{% extends 'a' %}{% end %}`, `extends cannot stand inside {% if %}`, 2],
  [
    `{% extends missing.html %}`,
    `Cannot load template "missing.html": there is no such template`,
    1,
  ],
  [`a\n{% include %}`, `include missing file path`, 2],
  [`{% include '' %}`, `include missing file path`, 1],
  [
    `\n\n{% include missing.html %}`,
    `Cannot load template "missing.html": there is no such template`,
    3,
  ],
  [
    `{% include ../up.html %}`,
    `Cannot load template "../up.html": it is outside the root of the loader`,
    1,
  ],
  [
    `{% include /etc/passwd %}`,
    `Cannot load template "/etc/passwd": it is not a relative path with slashes`,
    1,
  ],
  [`{% include child.html %}`, `Cannot include "child.html": it extends another template`, 1],
  [`{% block %}{% end %}`, `block missing name`, 1],
  [`{% apply %}{% end %}`, `apply missing method name`, 1],
  [`{% apply 1 + %}{% end %}`, `Invalid expression "1 +": Unexpected end`, 1],
  [`{% autoescape %}`, `autoescape missing function name`, 1],
  [`{% autoescape a b %}`, `Invalid expression "a b": Unexpected token`, 1],
  [`{% whitespace %}`, `Invalid whitespace mode ""`, 1],
  [`\n{% whitespace most %}`, `Invalid whitespace mode "most"`, 2],
  [`{% whitespace 'all' %}`, `Invalid whitespace mode "'all'"`, 1],
  [`{% set %}`, `set missing statement`, 1],
  [`{% set x %}`, `set needs an assignment, but got "x"`, 1],
  [`{% set x, y = 1, 2 %}`, `set needs an assignment, but got "x, y = 1, 2"`, 1],
  [`{% set x == 1 %}`, `set needs an assignment, but got "x == 1"`, 1],
  [`{% set 1 = x %}`, `Invalid expression "1 = x": Assigning to rvalue`, 1],
  [`{% set undefined = 1 %}`, `Invalid expression "undefined = 1": Cannot assign to undefined`, 1],
  [`{% set let = 1 %}`, `Invalid expression "let = 1": The keyword 'let' is reserved`, 1],
  [`{% raw %}`, `raw missing expression`, 1],
  [`{% raw x y %}`, `Invalid expression "x y": Unexpected token`, 1],
  [`{% module %}`, `module missing name`, 1],
  [`{% module Entry %}`, `module needs a call, but got "Entry"`, 1],
  [`{% module a.b() %}`, `module needs a call, but got "a.b()"`, 1],
  [`{% module 1 %}`, `module needs a call, but got "1"`, 1],
  [`{% import %}`, `import missing statement`, 1],
  [`{% from x %}`, `Invalid import "from x"`, 1],
  [`{% from x import %}`, `Invalid import "from x import"`, 1],
  [`{% import a-b as c.d %}`, `Invalid import "import a-b as c.d"`, 1],
  [`{% import { } from 'm' %}`, `Invalid import "import { } from 'm'"`, 1],
  [`{% from m import let %}`, `Invalid expression "let": The keyword 'let' is reserved`, 1],
  [`{{ a b }}`, `Invalid expression "a b": Unexpected token`, 1],
  [`a\n{{ x +\n }}`, `Invalid expression "x +": Unexpected end`, 2],
  [`a\n{{ x +\n\n * y }}`, `Invalid expression "x + * y": Unexpected token`, 4],
  [`{{ x; y }}`, `Invalid expression "x; y": Unexpected token`, 1],
  [`{{ x) + (y }}`, `Invalid expression "x) + (y": Unexpected end`, 1],
  [`{{ 'abc }}`, `Invalid expression "'abc": Unterminated string constant`, 1],
  [`{{ "abc }}`, `Invalid expression ""abc": Unterminated string constant`, 1],
  [`{{ \`abc }}`, `Invalid expression "\`abc": Unterminated template`, 1],
  [`{{ /abc }}`, `Invalid expression "/abc": Unterminated regular expression`, 1],
  [`{{ {a: 1 }}`, `Invalid expression "{a: 1": Unexpected end`, 1],
  [`{{ [1, 2 }}`, `Invalid expression "[1, 2": Unexpected end`, 1],
  [`{{ f(x }}`, `Invalid expression "f(x": Unexpected end`, 1],
  [`{{ x and y }}`, `Invalid expression "x and y": Unexpected token`, 1],
  [`{{ not x }}`, `Invalid expression "not x": Unexpected token`, 1],
  [`{{ lambda x: x }}`, `Invalid expression "lambda x: x": Unexpected token`, 1],
  [`{{ x if y else z }}`, `Invalid expression "x if y else z": Unexpected token`, 1],
  [`{{ [a for a in b] }}`, `Invalid expression "[a for a in b]": Unexpected token`, 1],
  [`{{ x is None }}`, `Invalid expression "x is None": Unexpected token`, 1],
  [`{{ return x }}`, `Invalid expression "return x": Unexpected token`, 1],
  [`{{ if (x) y }}`, `Invalid expression "if (x) y": Unexpected token`, 1],
  [`{{ var x = 1 }}`, `Invalid expression "var x = 1": Unexpected token`, 1],
  [`{{ _tt_r }}`, `Invalid expression "_tt_r": "_tt_r" is reserved for the template system`, 1],
  [
    `{{ ((_tt_x) => 1)(2) }}`,
    `Invalid expression "((_tt_x) => 1)(2)": "_tt_x" is reserved for the template system`,
    1,
  ],
  [`{{ import('x') }}`, `Invalid expression "import('x')": Expressions cannot import`, 1],
  [`{{ import.meta }}`, `Invalid expression "import.meta": Expressions cannot import`, 1],
  [`{{ x => }}`, `Invalid expression "x =>": Unexpected end`, 1],
  [`{{ class }}`, `Invalid expression "class": Unexpected end`, 1],
  [
    `{{ a?.b = 1 }}`,
    `Invalid expression "a?.b = 1": Optional chaining cannot appear in left-hand side`,
    1,
  ],
  [`{{ 08 }}`, `Invalid expression "08": Invalid number`, 1],
  [`{{ delete x }}`, `Invalid expression "delete x": Deleting local variable in strict mode`, 1],
  [`{{ yield x }}`, `Invalid expression "yield x": The keyword 'yield' is reserved`, 1],
  [`{{ super.x }}`, `Invalid expression "super.x": 'super' keyword outside a method`, 1],
  [
    `{{ new.target }}`,
    `Invalid expression "new.target": 'new.target' can only be used in functions and class static block`,
    1,
  ],
  [`{{ x = }}`, `Invalid expression "x =": Unexpected end`, 1],
  [`{{ \\u0000 }}`, `Invalid expression "\\u0000": Invalid Unicode escape`, 1],
  [`{{ @x }}`, `Invalid expression "@x": Unexpected character '@'`, 1],
  [`{{ #x }}`, `Invalid expression "#x": Unexpected token`, 1],
  [`{{ 1a }}`, `Invalid expression "1a": Identifier directly after number`, 1],
  [`{{ /[/ }}`, `Invalid expression "/[/": Unterminated regular expression`, 1],
  [`{{ /(/ }}`, `Invalid expression "/(/": Invalid regular expression: /(/: Unterminated group`, 1],
  [`{% foo %}`, `Unknown operator: "foo"`, 1],
  [`{% endif %}`, `Unknown operator: "endif"`, 1],
  [`{% endfor %}`, `Unknown operator: "endfor"`, 1],
  [`{% elseif x %}`, `Unknown operator: "elseif"`, 1],
  [`{% foreach x %}`, `Unknown operator: "foreach"`, 1],
  [`{% macro m() %}`, `Unknown operator: "macro"`, 1],
  [`{% If x %}`, `Unknown operator: "If"`, 1],
  [`{% = x %}`, `Unknown operator: "="`, 1],
  [`{% - if x %}`, `Unknown operator: "-"`, 1],
  [`{%if%}{%end%}`, `if missing condition`, 1],
  [`{{ await }}`, `Invalid expression "await": Unexpected end`, 1],
  [`{{ async () => }}`, `Invalid expression "async () =>": Unexpected end`, 1],
  [`{{ eval = 1 }}`, `Invalid expression "eval = 1": Assigning to eval in strict mode`, 1],
  [
    `{{ arguments++ }}`,
    `Invalid expression "arguments++": Assigning to arguments in strict mode`,
    1,
  ],
  [
    `{{ a ?? b || c }}`,
    `Invalid expression "a ?? b || c": Logical expressions and coalesce expressions cannot be mixed. Wrap either by parentheses`,
    1,
  ],
  [`{{ -x ** 2 }}`, `Invalid expression "-x ** 2": Unexpected token`, 1],
  [`{{ {a, b }}`, `Invalid expression "{a, b": Unexpected end`, 1],
  [`{{ x /* }}`, `Invalid expression "x /*": Unterminated comment`, 1],
  [`{{ x // y\n z }}`, `Invalid expression "x // y z": Unexpected token`, 2],
];

for (const [source, reason, line] of MALFORMED) {
  Deno.test(`template refuses ${JSON.stringify(source)}`, () => {
    const loader = new DictLoader({
      "t.html": source,
      "child.html": "{% extends a %}",
      a: "",
      b: "",
    });
    const error = assertThrows(() => loader.load("t.html"), ParseError);
    assertEquals([error.reason, error.line, error.filename], [reason, line, "t.html"]);
    assertEquals(error.sourceLine, source.split("\n")[line - 1]);
    assertStringIncludes(error.message, `${reason} at t.html:${line}`);
    assert(error.hint !== "", "it tells no way out");
  });
}

/** What those get to read who write another language. */
const HINTS: readonly [string, string][] = [
  ["{{ x and y }}", "write && for and"],
  ["{{ x or y }}", "write || for or"],
  ["{{ not x }}", "write ! for not"],
  ["{{ x is None }}", "write === for is"],
  ["{{ lambda x: x }}", "write (x) => y for lambda x: y"],
  ["{{ [a for a in b] }}", "write xs.map((x) => y) for [y for x in xs]"],
  ["{{ a if b else c }}", "write c ? a : b for a if c else b"],
  ["{{ import('x') }}", "the imports of its loader"],
  ["{% for x in xs %}{% else %}{% end %}", "Test for emptiness with {% if %}"],
  ["{% endif %}", "Every block ends with {% end %}"],
  ["{% elseif x %}", "Write {% elif condition %}"],
  ["{% module Entry %}", "Write {% module Name(arguments) %}"],
  ["{% set x, y = 1, 2 %}", "Write {% set [a, b] = [1, 2] %}"],
  ["{% try %}{% except KeyError %}{% end %}", "instanceof"],
  ["{% whitespace x %}", '"all", "single", "oneline"'],
  ["{{ x not in xs }}", "write !xs.includes(x) for x not in xs"],
  ["{{ a if b and c else d }}", "write c ? a : b for a if c else b; write && for and"],
  [`{{ f"{x}" }}`, "in backquotes"],
  [`{{ f'{x}' }}`, "in backquotes"],
  ["{{ x | safe }}", "Write {% raw x %}"],
  ["{{ x | escape }}", "{{ x }}, which escapes"],
  ["{{ x | urlEscape }}", "{{ urlEscape(x) }}"],
  ["{{ x | tojson }}", "{% raw jsonEncode(x) %}"],
  ["{{ x | linkify() }}", "{% raw linkify(x) %}"],
  ["{{ x | default('a') }}", "write x ?? y"],
  ["{{ x | date:'Y' }}", "write f(x, y)"],
  ["{{ '%s items' % n }}", "Write `${x}` in backquotes"],
  ['{{ "%(a)05d" % n }}', "Write `${x}` in backquotes"],
  ["{{ f(a=1) }}", "Write { a: value }"],
  ["{% module Entry(entry, big=1) %}", "Write { big: value }"],
  ["{{ xs[1:2] }}", "write xs.slice(1, 2)"],
  ["{{ f(*xs) }}", "write ...xs"],
  ["{{ a <> b }}", "write !== for <>"],
  ["{{- x -}}", "{% whitespace oneline %}"],
  ["{{ super() }}", "a block replaces the one of its parent"],
  ["{{ x; y }}", "{% set x = value %}"],
  ["{{ if x }}", "{% if %}"],
  ["{{ end }} {{ end x }}", "tags are written {% %}"],
  ['{{ "and or not" x }}', "nothing beside it"],
  ["{% autoescape off %}", "{% autoescape None %}"],
  ["{% include 'a.html' with x=1 %}", '{% module Template("part.html"'],
  ["{% include a.html only %}", '{% module Template("part.html"'],
  ["{% if x %}", "Write {% end %} where the if ends"],
  ["{% end %}", "Every block before it is closed"],
  ["{{ x", "Write }} where the code ends, or {{!"],
  ["{% if x", "Write %} where the code ends, or {%!"],
  ["{# x", "Write #}"],
  ["{% endfor %}", "Every block ends with {% end %}"],
  ["{% endraw %}", "{{! for braces"],
  ["{% endcomment %}", "{# #}"],
  ["{% EndIf %}", "Every block ends with {% end %}"],
  ["{% If x %}", "Write {% if condition %}"],
  ["{% - if x %}", "White space is set by {% whitespace oneline %}"],
  ["{%- if x %}", "White space is set by {% whitespace oneline %}"],
  ["{% = x %}", "Write {{ expression }}"],
  ["{% incldue 'x' %}", 'Write {% include "part.html" %}'],
  ["{% load static %}", "Nothing has to be loaded"],
  ["{% with x=1 %}", "Write {% set x = value %}"],
  ["{% macro m() %}", "a UI module or a function"],
  ["{% csrf_token %}", "Write {{ xsrfFormHtml() }}"],
  ["{% url 'x' %}", "reverseUrl"],
  ["{% static 'x' %}", "staticUrl"],
  ["{% trans 'x' %}", '_("text")'],
  ["{% unless x %}", "{% if !condition %}"],
  ["{% elsif x %}", "Write {% elif condition %}"],
  ["{% empty %}", "Test for emptiness with {% if %}"],
  ["{% verbatim %}", "{{!"],
  ["{% blubb %}", "The tags are apply, autoescape"],
];

for (const [source, hint] of HINTS) {
  Deno.test(`template has a hint for ${source}`, () => {
    const error = assertThrows(() => new Template(source), ParseError);
    assertStringIncludes(error.hint, hint);
    assertStringIncludes(error.message, `\n    Hint: ${error.hint}`);
  });
}

Deno.test("template refuses expressions and blocks that are nested too deeply", () => {
  const parentheses = `{{ ${"(".repeat(50_000)}1${")".repeat(50_000)} }}`;
  const sums = `{{ ${"1+".repeat(50_000)}1 }}`;
  const blocks = "{% if x %}".repeat(201);
  for (const source of [parentheses, sums, blocks]) {
    const error = assertThrows(() => new Template(source), ParseError);
    assert(error.message.length < 500);
  }
});

/** JavaScript that only looks like another language. */
const ALLOWED: readonly [string, string][] = [
  ["{{ x | y }}", "3"],
  ["{{ 7 % 4 }}", "3"],
  ["{{ '7' % 4 }}", "3"],
  ["{{ f({ a: x }).a }}", "1"],
  ["{{ row.first_name }}", "Ann"],
  ["{{ row?.first_name }}{{ none?.a_b }}{{ row?.none?.a_b.c_d }}", "Ann"],
  ["{{ row.no_such_name }}", ""],
  ["{{ row.first_name.length }}", "3"],
  ["{{ none?.a.b_c }}", ""],
  ["{{ f(row).first_name }}", "Ann"],
  ["{{ rows[0].first_name }}", "Ann"],
  ["{{ row.both_here }}", "snake"],
  ["{{ row.first_name += '!' }}", "Ann!"],
  ["{{ ((each) => each.first_name)(row) }}", "Ann"],
  ["{{ typeof row.a_b }}", "undefined"],
  ["{{ 'first_name' in row }}{{ 'x' in (row) && x in { 1: y } }}", "truefalse"],
  ["{{ row.get_name() }}", "Ann"],
  ["{{ 'x'.a_b ?? 'none' }}", "none"],
];

for (const [source, page] of ALLOWED) {
  Deno.test(`template lets through ${source}`, () => {
    const row = {
      first_name: "Ann",
      both_here: "snake",
      bothHere: "camel",
      get_name() {
        return this.first_name;
      },
    };
    const values = { x: 1, y: 2, row, rows: [row], none: null, f: (value: unknown) => value };
    assertEquals(new Template(source).generate(values), page);
  });
}

/** What goes wrong while a page is rendered: the source, the reason, the way out. */
const FAILURES: readonly [string, string, string][] = [
  ["{{ locale.format_date(0) }}", 'The object has no "format_date"', 'It is spelled "formatDate"'],
  ["{{ row.last_name }}", 'The object has no "last_name"', 'It is spelled "lastName"'],
  ["{{ rows[0].last_name }}", 'The object has no "last_name"', 'It is spelled "lastName"'],
  ["{{ row?.last_name }}", 'The object has no "last_name"', 'It is spelled "lastName"'],
  ["{% if row.last_name %}{% end %}", 'The object has no "last_name"', "lastName"],
  ["{{ first_row }}", 'Name "first_row" is not defined', 'It is spelled "firstRow"'],
  ["{{ roow }}", 'Name "roow" is not defined', 'Did you mean "row"? The names here are'],
  ["{{ range(3) }}", 'Name "range" is not defined', "{% for i of Array(3).keys() %}"],
  ["{{ enumerate(rows) }}", 'Name "enumerate" is not defined', "xs.entries()"],
  ["{{ len(rows) }}", 'Name "len" is not defined', "Write x.length"],
  ["{{ None }}", 'Name "None" is not defined', "Write null"],
  ["{{ row == True }}", 'Name "True" is not defined', "Write true"],
  ["{{ False }}", 'Name "False" is not defined', "Write false"],
  ["{{ str(1) }}", 'Name "str" is not defined', "Write String(x)"],
  ["{{ sorted(rows) }}", 'Name "sorted" is not defined', "Write xs.toSorted()"],
  ["{{ text | upper }}", 'Name "upper" is not defined', "For x | upper write x.toUpperCase()"],
  ["{{ rows | length }}", 'Name "length" is not defined', "For x | length write x.length"],
  ["{{ loop.index }}", 'Name "loop" is not defined', "xs.entries()"],
  ["{{ self.x }}", 'Name "self" is not defined', "Write handler"],
  ["{{ text.upper() }}", "The value.upper is not a function", "write x.toUpperCase()"],
  ["{{ row.items() }}", "The value.items is not a function", "write Object.entries(x)"],
  ["{{ ', '.join(rows) }}", '", ".join is not a function', 'xs.join(", ")'],
  ["{{ 'a' in text }}", "Cannot use 'in' operator to search for 'a' in abc", "xs.includes(x)"],
  ["{% if 1 in rows %}{% end %}", "Cannot look into an array", "Write xs.includes(x) for x in xs"],
  ["{{ 1 in new Set(rows) }}", "Cannot look into a Set or a Map", "Write xs.has(x) for x in xs"],
  ["{{ row.none.x }}", "Cannot read properties of undefined (reading 'x')", "Write x?.y"],
  ["{% for x in row %}{% end %}", "Cannot loop over an object", "Object.entries(object)"],
  ["{% for x in 3 %}{% end %}", "Cannot loop over 3", "{% for i of Array(3).keys() %}"],
  ["{% for x in row.none %}{% end %}", "Cannot loop over undefined", "xs ?? []"],
  ["{% module Nothing() %}", 'UI module "Nothing" is not defined', "uiModules"],
];

for (const [source, reason, hint] of FAILURES) {
  Deno.test(`page fails with the way out of ${source}`, () => {
    const row = { lastName: "Lee", none: undefined };
    const values = {
      locale: { formatDate: () => "" },
      row,
      rows: [row],
      firstRow: row,
      text: "abc",
    };
    const template = new Template(`\n${source}`, { name: "t.html" });
    const error = assertThrows(() => template.generate(values), TemplateError);
    assertStringIncludes(error.reason, reason);
    assertStringIncludes(error.hint, hint);
    assertEquals([error.filename, error.line, error.sourceLine], ["t.html", 2, source]);
  });
}

const NOT_FOUND: readonly [string, string, string][] = [
  ["hom.html", "home.html", "there is no such template; did you mean"],
  ["Home.html", "home.html", "there is no such template; did you mean"],
  ["home", "home.html", "there is no such template; did you mean"],
  ["part.html", "parts/part.html", "there is no such template; did you mean"],
  ["other/home.html", "home.html", "there is no such template; did you mean"],
];

for (const [name, meant, message] of NOT_FOUND) {
  Deno.test(`template ${name} that is missing is told from ${meant}`, () => {
    const loader = new DictLoader({
      "home.html": "",
      "parts/part.html": "",
      "page.html": `{% include ${name} %}`,
    });
    const error = assertThrows(() => loader.load(name), TemplateNotFoundError, message);
    assertStringIncludes(error.message, `"${meant}"?`);
    const included = assertThrows(() => loader.load("page.html"), ParseError);
    assertStringIncludes(included.hint, `Did you mean "${meant}"?`);
  });
}

Deno.test("template that is missing is told from those that there are", () => {
  const loader = new DictLoader({ "home.html": "", "page.html": "{% include 'nothing' %}" });
  const error = assertThrows(() => loader.load("page.html"), ParseError);
  assertEquals(error.hint, "The templates here are home.html, page.html");
});

Deno.test("condition that assigns on purpose stands in parentheses", () => {
  const page = new Template("{% set x = 3 %}{% while (x = x - 1) %}{{ x }}{% end %}");
  assertEquals(page.generate(), "21");
});

Deno.test("printed error of a template has each thing once", () => {
  const errors = [
    assertThrows(() => new Template("{% endif %}", { name: "page.html" }), ParseError),
    assertThrows(() => new Template("{{ nmae }}").generate({ name: "Ann" }), TemplateError),
  ];
  for (const error of errors) {
    const printed = Deno.inspect(error);
    assertEquals(printed.split(error.hint).length, 2, printed);
    assertEquals(error.line, 1);
  }
});
