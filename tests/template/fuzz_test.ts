import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { codeEnd } from "../../src/template/syntax/code_end.ts";
import { ParseError } from "../../src/template/syntax/parse_error.ts";
import { Template } from "../../src/template/template.ts";
import { filterWhitespace } from "../../src/template/syntax/whitespace.ts";
import { assertLinear } from "../support/linear.ts";

/** What templates, and mistakes in them, are made of. */
const PIECES = [
  ...["{{", "}}", "{%", "%}", "{#", "#}", "{", "}", "!", "\n", " ", "x", "1", "'", '"', "`", "${"],
  ...[
    "/",
    "//",
    "/*",
    "*/",
    "\\",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    "=>",
    "=",
    ".",
    "?.",
    "`${`",
    "<pre>",
  ],
  ...[
    "{% if x %}",
    "{% elif y %}",
    "{% else %}",
    "{% end %}",
    "{% for x in xs %}",
    "{% while x %}",
  ],
  ...[
    "{% try %}",
    "{% except %}",
    "{% finally %}",
    "{% block b %}",
    "{% apply f %}",
    "{% set x = 1 %}",
  ],
  ...[
    "{% module M() %}",
    "{% raw x %}",
    "{% break %}",
    "{% autoescape None %}",
    "{% whitespace all %}",
  ],
  ...[
    "{{ x }}",
    "{{ 'a' }}",
    "{{ {a: 1} }}",
    "await ",
    "function(){",
    "class {",
    "async ",
    "\u2028",
    "é",
  ],
];

const source = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 6 })), {
  maxLength: 40,
}).map((pieces) => pieces.join(""));

Deno.test("any text is a template or a parse error, and nothing else", () => {
  fc.assert(
    fc.property(source, (text) => {
      try {
        new Template(text);
      } catch (error) {
        assert(error instanceof ParseError, `${text}: ${error}`);
        assert(error.line >= 1 && error.line <= text.split("\n").length, error.message);
      }
    }),
    { numRuns: 3000 },
  );
});

Deno.test("text without delimiters is printed as it is", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const plain = text.replaceAll(/\{(?=[{%#])/g, "");
    fc.pre(!/\{[{%#]/.test(plain));
    assertEquals(new Template(plain).generate(), plain.replace(/^\ufeff/, ""));
  }));
});

Deno.test("any JSON value is escaped or refused, and never breaks the page", () => {
  const page = new Template(`<p title="{{ value }}">{{ value }}</p>`);
  fc.assert(fc.property(fc.anything(), (value) => {
    let text;
    try {
      text = page.generate({ value });
    } catch (error) {
      assert(error instanceof Error);
      return;
    }
    assert(/^<p title="[^<>"']*">[^<>"']*<\/p>$/.test(String(text)), String(text));
  }));
});

/** Repetitions that cost quadratic time where something is looked for again and again. */
const UNITS = [
  "{",
  "{{",
  "{{!",
  "{{ x }}",
  "{{ x++ / 2 }}",
  "{{ x.in / 2 }}",
  "{{ '}}' }}",
  "{{ `a${1}` }}",
  "{{ /}}/ }}",
  "{{ {a:{b:1}} }}",
  "{# x #}",
  "{#",
  "{% raw '%}' %}",
  "{% if x %}{% end %}",
  "{% for x in xs %}{% end %}",
  "{% comment don't %}",
  "{% set x = `\n` %}",
  "{{ x }}\n",
  "{{ a / b }} {{ 'c }}",
  " \t\r",
  "\n ",
  "<pre>",
];

for (const unit of UNITS) {
  Deno.test(`parsing takes linear time over repetitions of ${JSON.stringify(unit)}`, () => {
    assertLinear((n) => compiles(unit.repeat(n)), { n: 200 });
    assertLinear((n) => codeEnd(unit.repeat(n), 2, "}}"), { n: 2000 });
  });
}

for (
  const unit of ["x+", "[", "(", "{a:", "`${", "a=>", "async(", "x.", "!", "a?b:", "/*", "f(x)("]
) {
  Deno.test(`an expression takes linear time over repetitions of ${unit}`, () => {
    assertLinear((n) => compiles(`{{ ${unit.repeat(n)} }}`), { n: 200 });
  });
}

Deno.test("filtering white space takes linear time", () => {
  for (const unit of [" ", "\r", "\n", " \n", "\f"]) {
    assertLinear((n) => filterWhitespace("single", `${unit.repeat(n)}x`), { n: 10_000 });
  }
});

function compiles(text: string): boolean {
  try {
    return new Template(text).generate({ x: 1 }) !== "";
  } catch (error) {
    assert(error instanceof Error);
    return false;
  }
}
