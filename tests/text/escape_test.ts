import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import * as mod from "../../mod.ts";
import { HTTPInputError } from "../../src/http/input_error.ts";
import * as escape from "../../src/text/escape/mod.ts";
import {
  jsonDecode,
  jsonEncode,
  squeeze,
  toUnicode,
  urlEscape,
  urlUnescape,
  urlUnescapeBytes,
  utf8,
  xhtmlEscape,
  xhtmlUnescape,
} from "../../src/text/escape/mod.ts";
import { namedReference } from "../../src/text/escape/html_entities.ts";
import { assertLinear } from "../support/linear.ts";

Deno.test("xhtmlEscape escapes the five special characters, and xhtmlUnescape undoes it", () => {
  const vectors: [string | Uint8Array, string][] = [
    ["<foo>", "&lt;foo&gt;"],
    [utf8("<foo>"), "&lt;foo&gt;"],
    [`<>&"'`, "&lt;&gt;&amp;&quot;&#x27;"],
    ["&amp;", "&amp;amp;"],
    ["<\u00e9>", "&lt;\u00e9&gt;"],
    [utf8("<\u00e9>"), "&lt;\u00e9&gt;"],
    ["", ""],
  ];
  for (const [plain, escaped] of vectors) {
    assertEquals(xhtmlEscape(plain), escaped);
    assertEquals(xhtmlUnescape(escaped), toUnicode(plain));
  }
});

Deno.test("xhtmlEscape turns other values into text first", () => {
  assertEquals(xhtmlEscape(null), "");
  assertEquals(xhtmlEscape(undefined), "");
  assertEquals(xhtmlEscape(0), "0");
  assertEquals(xhtmlEscape(false), "false");
  assertEquals(xhtmlEscape(10n), "10");
  assertEquals(xhtmlEscape(["<a>", 1]), "&lt;a&gt;,1");
  assertEquals(xhtmlEscape(new URL("http://a/?<&")), "http://a/?%3C&amp;");
  assertEquals(xhtmlEscape({ toString: () => "<x>" }), "&lt;x&gt;");
});

Deno.test("xhtmlEscape refuses what would print as rubbish, and says what to write", () => {
  const refused: [unknown, string][] = [
    [{}, "Cannot print an object without a text of its own. Print a property of it, or jsonEncode"],
    [Object.create(null), "Cannot print an object without a text of its own"],
    [() => 1, "Cannot print a function. Call it"],
    [Symbol("s"), "Cannot print a symbol"],
    [Promise.resolve(), "Cannot print a promise. Write await before it"],
  ];
  for (const [value, message] of refused) {
    assertThrows(() => xhtmlEscape(value), TypeError, message);
  }
});

Deno.test("xhtmlEscape leaves no special character unescaped, and xhtmlUnescape gives back any text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const escaped = xhtmlEscape(text);
    assertEquals(/[<>"']/.test(escaped), false);
    assertEquals(xhtmlUnescape(escaped), text);
  }));
});

Deno.test("xhtmlUnescape reads numeric references by the HTML standard", () => {
  const vectors: [string, string][] = [
    ["foo&#32;bar", "foo bar"],
    ["foo&#x20;bar", "foo bar"],
    ["foo&#X20;bar", "foo bar"],
    ["foo&#xabc;bar", "foo\u0abcbar"],
    ["foo&#xyz;bar", "foo&#xyz;bar"],
    ["foo&#;bar", "foo&#;bar"],
    ["foo&#x;bar", "foo&#x;bar"],
    ["&#65", "A"],
    ["&#00000000000000000000000000000065;", "A"],
    ["&#0;", "\ufffd"],
    ["&#xd800;", "\ufffd"],
    ["&#x110000;", "\ufffd"],
    ["&#99999999999999999999999;", "\ufffd"],
    ["&#x1f600;", "\u{1f600}"],
    ["&#128;&#x9F;", "\u20ac\u0178"],
  ];
  for (const [escaped, plain] of vectors) assertEquals(xhtmlUnescape(escaped), plain);
});

Deno.test("xhtmlUnescape reads the longest name that HTML knows", () => {
  const vectors: [string, string][] = [
    ["&eacute;&AElig;", "\u00e9\u00c6"],
    ["&amp", "&"],
    ["&notit;", "\u00acit;"],
    ["&notin;", "\u2209"],
    ["&NotEqualTilde;", "\u2242\u0338"],
    ["&nosuch;", "&nosuch;"],
    ["&", "&"],
    ["&;", "&;"],
    ["&&lt;", "&<"],
    ["&hellip", "&hellip"],
  ];
  for (const [escaped, plain] of vectors) assertEquals(xhtmlUnescape(escaped), plain);
});

Deno.test("xhtmlUnescape has the names of the HTML standard, as Python has them", async () => {
  const python = new Deno.Command("/usr/bin/python3", {
    args: ["-c", "import html.entities, json; print(json.dumps(html.entities.html5))"],
  });
  const { stdout } = await python.output();
  const names: unknown = JSON.parse(new TextDecoder().decode(stdout));
  const entries = Object.entries(names ?? {});
  assertEquals(entries.length, 2231);
  for (const [name, text] of entries) assertEquals(namedReference(name), text);
});

for (const unit of ["&", "&a", "&#", "&#1", "&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "&lt"]) {
  Deno.test(`xhtmlUnescape takes linear time over repetitions of ${unit}`, () => {
    assertLinear((n) => xhtmlUnescape(unit.repeat(n)), { n: 2000 });
  });
}

Deno.test("urlEscape encodes text as UTF-8 and bytes as they are", () => {
  assertEquals(urlEscape(utf8("\u00e9")), "%C3%A9");
  assertEquals(urlEscape(Uint8Array.of(0xe9)), "%E9");
  assertEquals(urlEscape("\u00e9"), "%C3%A9");
  assertEquals(urlEscape("a\ud800b"), "a%EF%BF%BDb");
});

Deno.test("urlUnescape decodes in the encoding asked for", () => {
  assertEquals(urlUnescape("%C3%A9"), "\u00e9");
  assertEquals(urlUnescape("%C3%A9", { encoding: "latin1" }), "\u00c3\u00a9");
  assertEquals(urlUnescapeBytes("%C3%A9"), utf8("\u00e9"));
  assertEquals(urlUnescape(utf8("%C3%A9")), "\u00e9");
  assertEquals(urlUnescapeBytes(utf8("%C3%A9")), utf8("\u00e9"));
});

Deno.test("urlEscape writes a space as a plus in queries and as %20 in paths", () => {
  assertEquals(urlEscape("+ #%"), "%2B+%23%25");
  assertEquals(urlEscape("+ #%", { plus: false }), "%2B%20%23%25");
  assertEquals(urlUnescape("%2B+%23%25"), "+ #%");
  assertEquals(urlUnescape("%2B%20%23%25", { plus: false }), "+ #%");
  assertEquals(urlUnescape("a+b", { plus: false }), "a+b");
  assertEquals(urlEscape("a/b"), "a%2Fb");
  assertEquals(urlEscape("a/b", { plus: false }), "a/b");
});

Deno.test("urlUnescape leaves a malformed escape as it is", () => {
  for (const text of ["%", "%4", "%zz", "100%", "%-1", "%+1"]) {
    assertEquals(urlUnescape(text, { plus: false }), text);
  }
  assertEquals(urlUnescape("%ff"), "\ufffd");
});

Deno.test("urlUnescape undoes urlEscape for any text and any bytes", () => {
  const options = fc.record({ plus: fc.boolean() });
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), options, (text, plus) => {
    const escaped = urlEscape(text, plus);
    assertEquals(/^[\w.~%+/-]*$/.test(escaped), true);
    assertEquals(urlUnescape(escaped, plus), text.toWellFormed());
  }));
  fc.assert(fc.property(fc.uint8Array(), options, (bytes, plus) => {
    assertEquals(urlUnescapeBytes(urlEscape(bytes, plus), plus), new Uint8Array(bytes));
  }));
});

Deno.test("urlEscape agrees with encodeURIComponent on what both leave alone", () => {
  const kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  assertEquals(urlEscape(kept), kept);
  assertEquals(urlEscape("!'()*"), "%21%27%28%29%2A");
});

Deno.test("jsonEncode cannot close its script, open a comment or break a line in it", () => {
  assertEquals(jsonEncode("</script>"), String.raw`"<\/script>"`);
  assertEquals(jsonEncode("<!--<script>"), String.raw`"\u003c!--\u003cscript>"`);
  assertEquals(jsonEncode("\u2028\u2029"), String.raw`"\u2028\u2029"`);
  assertEquals(jsonEncode("a < b"), `"a < b"`);
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const json = jsonEncode(value);
    assertEquals(/<[/!s]|[\u2028\u2029]/i.test(json), false);
    assertEquals(JSON.parse(json), JSON.parse(JSON.stringify(value)));
  }));
});

Deno.test("jsonEncode refuses what JSON cannot say", () => {
  assertEquals(jsonEncode(undefined), "null");
  assertThrows(() => jsonEncode(() => 1), TypeError, "Cannot encode a function as JSON");
  assertThrows(() => jsonEncode(Symbol("s")), TypeError, "Cannot encode a symbol as JSON");
  assertThrows(() => jsonEncode(1n), TypeError);
});

Deno.test("jsonDecode takes text and UTF-8", () => {
  assertEquals(jsonDecode(utf8(`"foo"`)), "foo");
  assertEquals(jsonDecode(`"foo"`), "foo");
  assertEquals(jsonDecode(utf8(`"\u00e9"`)), "\u00e9");
  assertEquals(jsonDecode(jsonEncode("\u00e9")), "\u00e9");
  assertThrows(() => jsonDecode(Uint8Array.of(0x22, 0xe9, 0x22)), TypeError);
  assertThrows(() => jsonDecode("{"), SyntaxError);
});

Deno.test("squeeze makes one space of every run of spaces and controls", () => {
  assertEquals(
    squeeze("sequences     of    whitespace   chars"),
    "sequences of whitespace chars",
  );
  assertEquals(squeeze("\r\n a\0\t b \n"), "a b");
});

Deno.test("utf8 and toUnicode convert text and bytes, and pass null through", () => {
  assertEquals(utf8("\u00e9"), Uint8Array.of(0xc3, 0xa9));
  assertEquals(toUnicode(Uint8Array.of(0xc3, 0xa9)), "\u00e9");
  assertEquals([utf8(null), toUnicode(null)], [null, null]);
  assertEquals(toUnicode("a"), "a");
  // @ts-expect-error -- a number is refused by the types as well
  assertThrows(() => utf8(5), TypeError, "Expected a string, a Uint8Array or null, but got number");
  assertThrows(() => toUnicode(Uint8Array.of(0xe9)), TypeError);
});

Deno.test("query is read as bytes, blank values left out unless they are wanted", () => {
  const bytes = (...values: number[]) => new Uint8Array(values);
  assertEquals({ ...escape.parseQsBytes("a=%E9&a=b+%80&c=&d&__proto__=1&%E9=2") }, {
    a: [bytes(0xe9), bytes(0x62, 0x20, 0x80)],
    ["__proto__"]: [bytes(0x31)],
    "\xe9": [bytes(0x32)],
  });
  assertEquals({ ...escape.parseQsBytes(bytes(0x61, 0x3d), { keepBlankValues: true }) }, {
    a: [bytes()],
  });
  assertThrows(() => escape.parseQsBytes("a=1&b=1", { maxFields: 1 }), HTTPInputError);
});

Deno.test("cookies are read and arguments are added to a URL under Tornado's names", () => {
  assertEquals({ ...escape.parseCookie("a=1; b=2") }, { a: "1", b: "2" });
  assertEquals(escape.urlConcat("/x?a=1#top", { b: "ü" }), "/x?a=1&b=%C3%BC#top");
  assertEquals(mod.urlConcat, escape.urlConcat);
  assertEquals(mod.parseCookie, escape.parseCookie);
  assertEquals(mod.parseQsBytes, escape.parseQsBytes);
});
