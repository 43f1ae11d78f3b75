import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Fields, parseUrlEncoded } from "../../../src/http/body/form.ts";
import { decodeUtf8, HTTPInputError } from "../../../src/http/input_error.ts";
import { assertLinear } from "../../support/linear.ts";
import { serviceTest } from "../../support/services.ts";
import { runPython } from "../../support/tornado.ts";

const encoder = new TextEncoder();

/** Reads a source as text and as bytes, which must agree. */
function parse(source: string, options = {}): Record<string, string[]> {
  const fields = parseUrlEncoded(source, options);
  assertEquals(parseUrlEncoded(encoder.encode(source), options), fields);
  return { ...fields };
}

Deno.test("form fields are names and lists of values, in the order they came", () => {
  assertEquals(parse("a=1&b=2&a=3"), { a: ["1", "3"], b: ["2"] });
  assertEquals(parse(""), {});
  assertEquals(parse("a=b=c"), { a: ["b=c"] });
  assertEquals(parse("a;b=c"), { "a;b": ["c"] });
});

Deno.test("form fields without a value are empty, and there are none between two ampersands", () => {
  assertEquals(parse("&a&&b=&=c&="), { a: [""], b: [""], "": ["c", ""] });
});

Deno.test("form fields with an empty value are left out on request", () => {
  assertEquals(parse("a&b=&c=1&=d", { keepBlank: false }), { c: ["1"], "": ["d"] });
});

Deno.test("form fields are unescaped: plus is a space, bad escapes stay", () => {
  assertEquals(parse("a+b=c%20d%2B"), { "a b": ["c d+"] });
  assertEquals(parse("%61=%C3%A9&%e9%AA=1".replace("%e9%AA", "%c3%a8")), {
    a: ["\u00e9"],
    "\u00e8": ["1"],
  });
  assertEquals(parse("a=%&b=%2&c=%zz&d=%%41&e=100%25"), {
    a: ["%"],
    b: ["%2"],
    c: ["%zz"],
    d: ["%A"],
    e: ["100%"],
  });
  assertEquals(parse("a=%26%3D&b=\u00e9+%"), { a: ["&="], b: ["\u00e9 %"] });
});

Deno.test("form keeps a byte order mark and a NUL", () => {
  assertEquals(parse("\ufeffa=%EF%BB%BFb%00"), { "\ufeffa": ["\ufeffb\0"] });
});

Deno.test("form bytes may be UTF-8 in part raw and in part escaped", () => {
  const bytes = new Uint8Array([...encoder.encode("a=%C3"), 0xa9, ...encoder.encode("+b")]);
  assertEquals({ ...parseUrlEncoded(bytes) }, { a: ["\u00e9 b"] });
});

Deno.test("form that is not UTF-8 is refused, naming the field and quoting 40 bytes", () => {
  const refuse = (source: string | Uint8Array, message: string) => {
    const error = assertThrows(() => parseUrlEncoded(source), HTTPInputError);
    assertEquals([error.status, error.message], [400, message]);
  };
  refuse("ok=1&na%20me=%e9x", 'Invalid unicode in argument "na me": "\\xe9x"');
  refuse("%ff=1", 'Invalid unicode in the name of an argument: "\\xff"');
  refuse("a=%ED%A0%80", 'Invalid unicode in argument "a": "\\xed\\xa0\\x80"');
  refuse("a=%C0%AF", 'Invalid unicode in argument "a": "\\xc0\\xaf"');
  refuse(new Uint8Array([0x61, 0x3d, 0xff]), 'Invalid unicode in argument "a": "\\xff"');
  refuse(
    `a=%FF${"x".repeat(100)}`,
    `Invalid unicode in argument "a": "\\xff${"x".repeat(39)}"...`,
  );
});

Deno.test("form fields are counted, and one too many is refused", () => {
  const pairs = (count: number) => Array.from({ length: count }, (_, i) => `f${i}=`).join("&&");
  assertEquals(Object.keys(parse(pairs(1000))).length, 1000);
  for (const source of [pairs(1001), encoder.encode(pairs(1001))]) {
    const error = assertThrows(() => parseUrlEncoded(source), HTTPInputError);
    assertEquals(error.message, "Cannot read the form: it has more than 1000 fields");
  }
  assertEquals(parse("a=1&a=2", { maxFields: 2 }), { a: ["1", "2"] });
  assertThrows(
    () => parseUrlEncoded("a=&a=&a", { maxFields: 2, keepBlank: false }),
    HTTPInputError,
  );
  assertThrows(() => parseUrlEncoded("a", { maxFields: 0 }), HTTPInputError);
});

Deno.test("form fields are decoded by whoever wants to", () => {
  const calls: [number[], string | undefined][] = [];
  const decode = (bytes: Uint8Array, name: string | undefined) => {
    calls.push([[...bytes], name]);
    return String.fromCharCode(...bytes);
  };
  for (const source of ["a=%e9+", encoder.encode("a=%e9+")]) {
    assertEquals({ ...parseUrlEncoded(source, { decode }) }, { a: ["\u00e9 "] });
    assertEquals(calls.splice(0), [[[0x61], undefined], [[0xe9, 0x20], "a"]]);
  }
});

Deno.test("form fields cannot reach a prototype", () => {
  for (const source of ["__proto__=1&constructor=2", "%5f_proto__=1&constructor=2"]) {
    const fields = parseUrlEncoded(source);
    assertEquals(Object.getPrototypeOf(fields), null);
    assertEquals(Object.entries(fields), [["__proto__", ["1"]], ["constructor", ["2"]]]);
  }
});

Deno.test("form that URLSearchParams wrote reads back", () => {
  const pairs = fc.array(
    fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" })),
  );
  fc.assert(fc.property(pairs, (list) => {
    const expected: Fields = Object.create(null);
    for (const [name, value] of list) (expected[name] ??= []).push(value);
    const source = new URLSearchParams(list).toString();
    assertEquals(parseUrlEncoded(source), expected);
    assertEquals(parseUrlEncoded(encoder.encode(source)), expected);
  }));
});

Deno.test("form is read alike from text, from bytes and with a decoder", () => {
  const text = fc.string({ unit: fc.constantFrom(...'a=&+%20cC3aA9eE9"é') });
  const outcome = (read: () => Fields) => {
    try {
      return read();
    } catch (error) {
      assert(error instanceof HTTPInputError);
      return error.message;
    }
  };
  fc.assert(
    fc.property(text, fc.boolean(), (source, keepBlank) => {
      const decode = (bytes: Uint8Array, name?: string) =>
        decodeUtf8(
          bytes,
          name === undefined ? "the name of an argument" : `argument ${JSON.stringify(name)}`,
        );
      const fromText = outcome(() => parseUrlEncoded(source, { keepBlank }));
      assertEquals(outcome(() => parseUrlEncoded(encoder.encode(source), { keepBlank })), fromText);
      const decoded = outcome(() => parseUrlEncoded(source, { keepBlank, decode }));
      if (typeof fromText !== "string") assertEquals(decoded, fromText);
      else assertEquals(typeof decoded, "string");
    }),
    { numRuns: 1000 },
  );
});

Deno.test("form of any bytes gives fields or an input error", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => {
    try {
      assertEquals(Object.getPrototypeOf(parseUrlEncoded(bytes)), null);
    } catch (error) {
      assert(error instanceof HTTPInputError);
    }
  }));
});

Deno.test("form is read in linear time", () => {
  for (const part of ["a", "&", "=", "%", "+", "%41", "a=b&", "%zz", "\u00e9%"]) {
    assertLinear((n) => parseUrlEncoded(part.repeat(n), { maxFields: Infinity }), { n: 20_000 });
    const invalid = encoder.encode("%ff");
    assertLinear((n) => {
      const bytes = new Uint8Array([...encoder.encode(part.repeat(n)), ...invalid]);
      const decode = (raw: Uint8Array) => String(raw.length);
      parseUrlEncoded(bytes, { maxFields: Infinity, decode });
    }, { n: 20_000 });
  }
});

serviceTest("python3-tornado", "form of any kind is read as Tornado reads it", async () => {
  const part = fc.constantFrom(
    "x",
    "y",
    "=",
    "&",
    "+",
    "%",
    "%20",
    "%2",
    "%3D",
    "%26",
    ";",
    "%41",
  );
  const sources = fc.sample(fc.array(part).map((parts) => parts.join("")), 500);
  const script = `
from tornado.escape import parse_qs_bytes
def read(source):
    fields = parse_qs_bytes(source, keep_blank_values=True)
    return {name: [value.decode() for value in values] for name, values in fields.items()}
output = [read(source) for source in input]`;
  assertEquals(await runPython(script, sources), sources.map((source) => parse(source)));
});

Deno.test("form limit that is no number is refused", () => {
  for (const maxFields of [NaN, -1]) {
    for (const source of ["a=1", encoder.encode("a=\xff")]) {
      assertThrows(() => parseUrlEncoded(source, { maxFields }), TypeError, '"maxFields"');
    }
  }
});

Deno.test("form fields are counted alike in bytes that are not UTF-8", () => {
  const bytes = Uint8Array.of(0x61, 0x26, 0x62, 0x26, 0x26, 0x63, 0x3d, 0xff);
  const decode = (raw: Uint8Array) => String(raw.length);
  assertEquals(Object.keys(parseUrlEncoded(bytes, { maxFields: 3, decode })), ["1"]);
  assertThrows(
    () => parseUrlEncoded(bytes, { maxFields: 2, decode }),
    HTTPInputError,
    "Cannot read the form: it has more than 2 fields",
  );
});
