import { AssertionError, assertThrows } from "@std/assert";
import { assertLinear } from "./linear.ts";

/** Looks at `count` numbers. */
function work(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum = (sum + i) % 1009;
  return sum;
}

Deno.test("linear work passes for linear", () => {
  assertLinear((n) => work(1000 * n), { n: 500 });
});

Deno.test("quadratic work does not pass for linear", () => {
  assertThrows(() => assertLinear((n) => work(n * n), { n: 300 }), AssertionError, "times as long");
});
