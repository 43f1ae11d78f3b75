import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { urlConcat } from "../../../src/http/target/url.ts";
import { assertLinear } from "../../support/linear.ts";

const YZ: [string, string][] = [["y", "y"], ["z", "z"]];

Deno.test("url concat adds arguments behind those that are there", () => {
  const vectors: [string, Iterable<[string, string]> | Record<string, string>, string][] = [
    ["https://localhost/path", YZ, "https://localhost/path?y=y&z=z"],
    ["https://localhost/path", [["y", "/y"], ["z", "z"]], "https://localhost/path?y=%2Fy&z=z"],
    ["https://localhost/path?", YZ, "https://localhost/path?y=y&z=z"],
    ["https://localhost/path?x", YZ, "https://localhost/path?x=&y=y&z=z"],
    ["https://localhost/path?x&", YZ, "https://localhost/path?x=&y=y&z=z"],
    ["https://localhost/path?a=1&b=2", YZ, "https://localhost/path?a=1&b=2&y=y&z=z"],
    ["https://localhost/path?r=1&t=2", [], "https://localhost/path?r=1&t=2"],
    ["https://localhost/path#tab", [["y", "y"]], "https://localhost/path?y=y#tab"],
    ["https://localhost/path", [["y", "y1"], ["y", "y2"]], "https://localhost/path?y=y1&y=y2"],
    ["https://localhost/path?r=1&r=2", [["y", "y"]], "https://localhost/path?r=1&r=2&y=y"],
    ["https://localhost/path", { y: "y" }, "https://localhost/path?y=y"],
    ["/path#a?b", new Map([["y", "y"]]), "/path?y=y#a?b"],
    ["", { y: "" }, "?y="],
  ];
  for (const [url, args, expected] of vectors) assertEquals(urlConcat(url, args), expected);
});

Deno.test("url concat gives the URL back when there is nothing to add", () => {
  for (const url of ["/path?", "/path?x&#y", ""]) {
    assertEquals(urlConcat(url, null), url);
    assertEquals(urlConcat(url, undefined), url);
    assertEquals(urlConcat(url, {}), url);
  }
});

Deno.test("url concat keeps the query as it is written", () => {
  assertEquals(
    urlConcat("/?a=%ff&b=1+2&c=x=y&%zz", { d: "&=#? é" }),
    "/?a=%ff&b=1+2&c=x=y&%zz=&d=%26%3D%23%3F+%C3%A9",
  );
});

Deno.test("url concat refuses arguments that are not an object or pairs", () => {
  const concat: (url: string, args: never) => string = urlConcat;
  for (const args of ["a=b", 1, true]) {
    assertThrows(() => Reflect.apply(concat, null, ["/", args]), TypeError, "Cannot add arguments");
  }
});

Deno.test("url concat gives arguments that a URL reads back", () => {
  const pairs = fc.array(
    fc.tuple(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" })),
  );
  fc.assert(fc.property(pairs, pairs, (first, second) => {
    const url = urlConcat(urlConcat("http://h/p#f", first), second);
    const parsed = new URL(url);
    assertEquals([...parsed.searchParams], [...first, ...second]);
    assertEquals(parsed.hash, "#f");
  }));
});

Deno.test("url concat takes linear time", () => {
  for (const part of ["&", "?", "#", "a&"]) {
    assertLinear((n) => urlConcat("/?" + part.repeat(n), { y: "y" }), { n: 20_000 });
  }
});
