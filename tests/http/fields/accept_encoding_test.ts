import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { acceptsEncoding, preferredEncoding } from "../../../src/http/fields/accept_encoding.ts";
import { assertLinear } from "../../support/linear.ts";

Deno.test("content coding is accepted when it is named, in any case of letters", () => {
  assert(acceptsEncoding("gzip", "gzip"));
  assert(acceptsEncoding("deflate, GZip", "gzip"));
  assert(acceptsEncoding("deflate,gzip,br", "gzip"));
  assert(acceptsEncoding("br;q=1.0 , gzip ; q=0.001", "gzip"));
  assertFalse(acceptsEncoding("deflate", "gzip"));
  assertFalse(acceptsEncoding("gzipped", "gzip"));
  assertFalse(acceptsEncoding("x gzip", "gzip"));
});

Deno.test("content coding with weight 0, or a malformed weight, is refused", () => {
  const refused = [
    "q=0",
    "q=0.",
    "q=0.000",
    "q=-1",
    "q=2",
    "q=1.001",
    "q=0.0001",
    "q=a",
    "q=",
    "q",
  ];
  for (const weight of refused) assertFalse(acceptsEncoding(`gzip;${weight}`, "gzip"), weight);
  for (const weight of ["q=1", "q=1.000", "Q=0.5", " q = 0.5 "]) {
    assert(acceptsEncoding(`gzip;${weight}`, "gzip"), weight);
  }
});

Deno.test("asterisk stands for every coding that is not named, wherever it stands", () => {
  assert(acceptsEncoding("*", "gzip"));
  assert(acceptsEncoding("br, *;q=0.1", "gzip"));
  assertFalse(acceptsEncoding("*;q=0", "gzip"));
  assert(acceptsEncoding("*;q=0, gzip", "gzip"));
  assertFalse(acceptsEncoding("*, gzip;q=0", "gzip"));
});

Deno.test("identity is accepted unless the header refuses it", () => {
  for (const header of [null, "", "gzip", "gzip;q=0"]) assert(acceptsEncoding(header, "identity"));
  for (const header of ["identity;q=0", "gzip, *;q=0"]) {
    assertFalse(acceptsEncoding(header, "identity"));
  }
  assert(acceptsEncoding("*;q=0, identity;q=0.5", "identity"));
});

Deno.test("without the header no coding is applied", () => {
  assertFalse(acceptsEncoding(null, "gzip"));
  assertFalse(acceptsEncoding("", "gzip"));
  assertEquals(preferredEncoding(null, ["gzip"]), null);
  assertEquals(preferredEncoding(null, ["gzip", "identity"]), "identity");
});

Deno.test("preferred coding has the greatest weight, and among equals is offered first", () => {
  assertEquals(preferredEncoding("gzip, br", ["br", "gzip"]), "br");
  assertEquals(preferredEncoding("gzip, br;q=0.9", ["br", "gzip"]), "gzip");
  assertEquals(preferredEncoding("*", ["br", "gzip"]), "br");
  assertEquals(preferredEncoding("gzip;q=0.2, *;q=0.1", ["br", "gzip"]), "gzip");
  assertEquals(preferredEncoding("zstd", ["br", "gzip"]), null);
  assertEquals(preferredEncoding("gzip;q=0", ["gzip"]), null);
  assertEquals(preferredEncoding("gzip", []), null);
});

Deno.test("identity is preferred only when the header says so or nothing else is left", () => {
  assertEquals(preferredEncoding("gzip;q=0.001", ["identity", "gzip"]), "gzip");
  assertEquals(preferredEncoding("gzip;q=0.5, identity", ["gzip", "identity"]), "identity");
  assertEquals(preferredEncoding("br", ["gzip", "identity"]), "identity");
  assertEquals(preferredEncoding("identity;q=0", ["gzip", "identity"]), null);
});

Deno.test("preferred coding is one that is offered and accepted", () => {
  const header = fc.string({
    unit: fc.constantFrom("gzip", "br", "*", ";q=", "0", "1", ".", ",", " "),
  });
  const offered = fc.subarray(["gzip", "br", "identity"]);
  fc.assert(fc.property(fc.option(header), offered, (text, codings) => {
    const accepted = codings.filter((coding) => acceptsEncoding(text, coding));
    const preferred = preferredEncoding(text, codings);
    assert(preferred === null ? accepted.length === 0 : accepted.includes(preferred));
  }));
});

Deno.test("Accept-Encoding is read in linear time", () => {
  for (const part of [",", ";", " ", "gzip;q=0 ,", "br;", "q=0."]) {
    assertLinear((n) => preferredEncoding(part.repeat(n), ["gzip", "br"]), { n: 20_000 });
  }
});
