import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { ifRangeMatches, matchesEtag, strongMatch } from "../../../src/http/fields/conditional.ts";
import { assertLinear } from "../../support/linear.ts";

Deno.test("If-None-Match compares weakly", () => {
  // The table of RFC 9110 §8.8.3.2.
  assert(matchesEtag('W/"1"', 'W/"1"'));
  assertFalse(matchesEtag('W/"1"', 'W/"2"'));
  assert(matchesEtag('W/"1"', '"1"'));
  assert(matchesEtag('"1"', 'W/"1"'));
  assert(matchesEtag('"1"', '"1"'));
});

Deno.test("If-None-Match is a list, with commas in tags and empty members allowed", () => {
  assert(matchesEtag('"a", "b"', '"b"'));
  assert(matchesEtag('"a","b"', '"b"'));
  assert(matchesEtag(' ,, "a" ,\t W/"b" ,', '"b"'));
  assert(matchesEtag('"x,y", "a"', '"x,y"'));
  assertFalse(matchesEtag('"x,"a",y"', '"y"'));
  assert(matchesEtag('""', '""'));
  assertFalse(matchesEtag('"a", "b"', '"c"'));
  assertFalse(matchesEtag('"ab"', '"a"'));
  assertFalse(matchesEtag('"a"', '"ab"'));
});

Deno.test("If-None-Match with an asterisk alone matches any tag", () => {
  assert(matchesEtag("*", '"a"'));
  assert(matchesEtag(" * ", 'W/"a"'));
  assertFalse(matchesEtag('"*"', '"a"'));
  assertFalse(matchesEtag('*, "b"', '"a"'));
});

Deno.test("If-None-Match is read up to its first malformed member", () => {
  for (const header of ["", "a", '"a', 'w/"a"', 'W/ "a"', 'b, "a"', '"b" x "a"']) {
    assertFalse(matchesEtag(header, '"a"'), header);
  }
  assert(matchesEtag('"a", b', '"a"'));
});

Deno.test("strong comparison wants two equal tags that are not weak", () => {
  assert(strongMatch('"1"', '"1"'));
  assert(strongMatch('""', '""'));
  assertFalse(strongMatch('W/"1"', 'W/"1"'));
  assertFalse(strongMatch('W/"1"', '"1"'));
  assertFalse(strongMatch('"1"', '"2"'));
  assertFalse(strongMatch("1", "1"));
  assertFalse(strongMatch('"', '"'));
});

Deno.test("If-Range with a tag compares strongly", () => {
  assert(ifRangeMatches('"a"', '"a"', null));
  assert(ifRangeMatches(' "a" ', '"a"', null));
  assertFalse(ifRangeMatches('"a"', '"b"', null));
  assertFalse(ifRangeMatches('"a"', 'W/"a"', null));
  assertFalse(ifRangeMatches('W/"a"', 'W/"a"', null));
  assertFalse(ifRangeMatches('"a"', null, 0));
  assertFalse(ifRangeMatches('"a", "b"', '"b"', null));
});

Deno.test("If-Range with a date wants the very second of the last change", () => {
  const time = Date.UTC(1994, 10, 6, 8, 49, 37);
  const header = "Sun, 06 Nov 1994 08:49:37 GMT";
  assert(ifRangeMatches(header, null, time));
  assert(ifRangeMatches(header, '"a"', time + 999));
  assertFalse(ifRangeMatches(header, null, time + 1000));
  assertFalse(ifRangeMatches(header, null, time - 1));
  assertFalse(ifRangeMatches(header, null, null));
  assertFalse(ifRangeMatches("", null, time));
  assertFalse(ifRangeMatches("*", '"a"', time));
});

Deno.test("If-None-Match finds a tag wherever it stands in a well-formed list", () => {
  const tag = fc.tuple(fc.constantFrom("", "W/"), fc.stringMatching(/^[!#-~\x80-\xff]{0,8}$/))
    .map(([weak, opaque]) => `${weak}"${opaque}"`);
  fc.assert(fc.property(fc.array(tag), tag, fc.array(tag), (before, etag, after) => {
    const strip = (text: string) => text.replace(/^W\//, "");
    assert(matchesEtag([...before, etag, ...after].join(", "), etag));
    const others = before.filter((other) => strip(other) !== strip(etag));
    assertEquals(matchesEtag(others.join(", "), etag), false);
  }));
});

Deno.test("conditional headers of any text are compared without an error", () => {
  const text = fc.string({ unit: fc.constantFrom(...'W/"*, \ta\0é') });
  fc.assert(fc.property(text, text, (header, etag) => {
    matchesEtag(header, etag);
    ifRangeMatches(header, etag, 0);
  }));
});

Deno.test("If-None-Match takes linear time", () => {
  for (const member of ['"', '"a",', " ", ",", "W/", 'W/"', '"a" ']) {
    assertLinear((n) => matchesEtag(member.repeat(n), '"b"'), { n: 50_000 });
  }
});
