/** What stands for functions that a runtime lacks, beside those of this one. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import * as ours from "../../src/build/modern/static_functions.ts";
import { MODERN_FUNCTIONS, MODERN_REPLACEMENTS } from "../../src/build/modern_functions.ts";

/** What a function gives for an input, or the class of what it throws. */
function outcome<Input, Result>(call: (input: Input) => Result, input: Input): unknown {
  try {
    return call(input);
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
}

/** Holds two functions against each other, with many inputs. */
function assertSame<Input, Result>(
  arbitrary: fc.Arbitrary<Input>,
  one: (input: Input) => Result,
  other: (input: Input) => Result,
): void {
  fc.assert(fc.property(arbitrary, (input) => {
    assertEquals(outcome(one, input), outcome(other, input));
  }));
}

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.string({
    unit: fc.constantFrom(..."aZ09\\^$.*+?()[]{}|/,-=<>#&!%:;@~'`\" \t\n\v\f\r\u2028\ufeff"),
  }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes)),
);

Deno.test("every function that is replaced has one that stands for it", () => {
  assertEquals(Object.values(MODERN_FUNCTIONS).sort(), Object.keys(ours).sort());
  assertEquals(MODERN_REPLACEMENTS.define, { ...MODERN_FUNCTIONS });
});

Deno.test("RegExp.escape gives what the runtime's gives", () => {
  assertSame(anyText, ours.regExpEscape, (text) => RegExp.escape(text));
});

Deno.test("a pattern of escaped text matches the text", () => {
  fc.assert(fc.property(anyText, (text) => {
    return new RegExp(`^${ours.regExpEscape(text)}$`).test(text);
  }));
});

Deno.test("Uint8Array.fromBase64 gives what the runtime's gives, in both alphabets", () => {
  const base64 = fc.oneof(
    fc.base64String(),
    fc.string({ unit: fc.constantFrom(..."AbQ9+/-_= \n") }),
    fc.uint8Array().map((bytes) => bytes.toBase64({ alphabet: "base64url", omitPadding: true })),
    anyText,
  );
  for (const alphabet of ["base64", "base64url"] as const) {
    assertSame(
      base64,
      (text) => ours.bytesFromBase64(text, { alphabet }),
      (text) => Uint8Array.fromBase64(text, { alphabet }),
    );
  }
});

Deno.test("Uint8Array.fromHex gives what the runtime's gives", () => {
  const hex = fc.oneof(fc.string({ unit: fc.constantFrom(..."09afAFg ") }), anyText);
  assertSame(hex, ours.bytesFromHex, (text) => Uint8Array.fromHex(text));
});

Deno.test("URL.parse gives what the runtime's gives", () => {
  const pair = fc.tuple(fc.oneof(fc.webUrl(), anyText), fc.option(fc.webUrl(), { nil: undefined }));
  assertSame(
    pair,
    ([url, base]) => ours.urlParse(url, base)?.href,
    ([url, base]) => URL.parse(url, base)?.href,
  );
});

Deno.test("groupBy of Map and Object give what the runtime's give", () => {
  const items = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom("1", "a", -0)));
  assertSame(
    items,
    (all) => [...ours.mapGroupBy(all, (item) => item)],
    (all) => [...Map.groupBy(all, (item) => item)],
  );
  assertSame(
    items,
    (all) => ours.objectGroupBy(all, (item) => item),
    (all) => Object.groupBy(all, (item) => item) as Record<PropertyKey, (string | number)[]>,
  );
  const symbol = Symbol();
  assertEquals(ours.objectGroupBy([1], () => symbol)[symbol], [1]);
});

Deno.test("groupBy hands the index", () => {
  assertEquals([...ours.mapGroupBy("abc", (_, index) => index % 2)], [[0, ["a", "c"]], [1, ["b"]]]);
});

Deno.test("Array.fromAsync takes what the runtime's takes", async () => {
  async function* later() {
    yield 1;
    yield await Promise.resolve(2);
  }
  const makers:
    (() => AsyncIterable<number> | Iterable<number | Promise<number>> | ArrayLike<number>)[] = [
      later,
      () => [Promise.resolve(1), 2],
      () => new Set([1, 2]),
      () => ({ length: 2, 0: 1, 1: 2 }),
    ];
  for (const make of makers) {
    assertEquals(await ours.arrayFromAsync(make()), await Array.fromAsync(make()));
    const twice = (item: number, index: number) => Promise.resolve(item * 2 + index);
    assertEquals(await ours.arrayFromAsync(make(), twice), await Array.fromAsync(make(), twice));
  }
  assertEquals(await ours.arrayFromAsync("ab"), ["a", "b"]);
  await assertRejects(
    () => ours.arrayFromAsync([Promise.reject(new RangeError("no"))]),
    RangeError,
  );
});

Deno.test("Promise.try calls at once, and makes a rejection of what is thrown", async () => {
  let called = false;
  const promise = ours.promiseTry((value: number) => (called = true, value), 3);
  assertEquals(called, true);
  assertEquals(await promise, 3);
  const thrower = () => {
    throw new RangeError("no");
  };
  await assertRejects(() => ours.promiseTry(thrower), RangeError);
});

Deno.test("Promise.withResolvers settles its promise once", async () => {
  const settled = ours.promiseWithResolvers<number>();
  settled.resolve(1);
  settled.reject(new RangeError("late"));
  assertEquals(await settled.promise, 1);
  const failed = ours.promiseWithResolvers<number>();
  failed.reject(new RangeError("no"));
  await assertRejects(() => failed.promise, RangeError);
});

Deno.test("what is no base64 is a SyntaxError, as of the runtime", () => {
  assertThrows(() => ours.bytesFromBase64("?"), SyntaxError);
});
