import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { isJson, parseContentType } from "../../../src/http/fields/content_type.ts";
import { assertLinear } from "../../support/linear.ts";

function parameters(header: string): Record<string, string> {
  return { ...parseContentType(header).parameters };
}

Deno.test("content type is in lower case, its parameters as they came", () => {
  const { type, parameters } = parseContentType(" Text/HTML ; Charset=UTF-8 ;a=\t b c ");
  assertEquals(type, "text/html");
  assertEquals({ ...parameters }, { charset: "UTF-8", a: "b c" });
});

Deno.test("content type parameter may be quoted, with escapes and semicolons", () => {
  assertEquals(parameters('a/b; x="1;2"; y="\\"\\\\"; z=""'), { x: "1;2", y: '"\\', z: "" });
  assertEquals(parameters('a/b; x="C:\\d"'), { x: "C:\\d" });
  assertEquals(parameters('a/b; x = "1" ;y=2'), { x: "1", y: "2" });
});

Deno.test("content type keeps the first of equal parameters and skips empty ones", () => {
  assertEquals(parameters("a/b; x=1; X=2;;; flag; y=3;"), { x: "1", y: "3" });
});

Deno.test("content type is read up to the first malformed parameter", () => {
  assertEquals(parameters('a/b; x=1; y="2; z=3'), { x: "1" });
  assertEquals(parameters('a/b; x=1; y="2"3; z=3'), { x: "1" });
  assertEquals(parameters('a/b; x=1; y="2\\"'), { x: "1" });
});

Deno.test("content type that is empty or no type is given back as it is", () => {
  assertEquals(parseContentType("").type, "");
  assertEquals(parseContentType(";charset=x").type, "");
  assertEquals(parseContentType("garbage").type, "garbage");
});

Deno.test("content type parameters cannot reach a prototype", () => {
  const { parameters } = parseContentType("a/b; __proto__=x; constructor=y");
  assertEquals(Object.getPrototypeOf(parameters), null);
  assertEquals(Object.keys(parameters), ["__proto__", "constructor"]);
});

Deno.test("JSON is application/json and whatever ends in +json", () => {
  for (const type of ["application/json", "application/problem+json", "image/x+json"]) {
    assert(isJson(type), type);
  }
  for (const type of ["", "text/json", "application/jsonp", "json", "application/json-seq"]) {
    assertFalse(isJson(type), type);
  }
});

Deno.test("content type parameter that was quoted reads back", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (value) => {
    const quoted = value.replace(/["\\]/g, "\\$&");
    assertEquals(parameters(`a/b; before=1; x="${quoted}"; after=2`), {
      before: "1",
      x: value,
      after: "2",
    });
  }));
});

Deno.test("content type of any text is read without an error", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'a/;="\\ \t\0é') }), (header) => {
    assertEquals(Object.getPrototypeOf(parseContentType(header).parameters), null);
  }));
});

Deno.test("content type is read in linear time", () => {
  for (const part of [";", "=", '"', "\\", " ", ';"', 'a="', 'a="\\"', "a=b;", '="";']) {
    assertLinear((n) => parseContentType("a/b;" + part.repeat(n)), { n: 20_000 });
    assertLinear((n) => parseContentType('a/b;x="' + part.repeat(n)), { n: 20_000 });
  }
});
