import { assertEquals, assertRejects } from "@std/assert";
import { BadYieldError, multi } from "@gustnado/gustnado";
import { captureLogs } from "../support/log_records.ts";
import { loggedTexts } from "../support/logged_texts.ts";

function fail(message: string, ms = 0): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(new Error(message)), ms));
}

Deno.test("multi gives the values in the shape of its children", async () => {
  assertEquals(await multi([Promise.resolve(1), null, [Promise.resolve(2)]]), [1, null, [2]]);
  assertEquals(await multi({ a: Promise.resolve(1), b: { c: Promise.resolve(2) } }), {
    a: 1,
    b: { c: 2 },
  });
  assertEquals(await multi([]), []);
  assertEquals(await multi({}), {});
});

Deno.test("multi takes the same promise twice", async () => {
  const promise = Promise.resolve(1);
  assertEquals(await multi([promise, promise]), [1, 1]);
});

Deno.test("multi waits for all children, throws the first error in their order, logs the others", async () => {
  using logs = captureLogs();
  let finished = false;
  const slow = new Promise<void>((resolve) => setTimeout(resolve, 10)).then(() => finished = true);
  await assertRejects(() => multi([slow, fail("first", 5), fail("second")]), Error, "first");
  assertEquals(finished, true);
  assertEquals(loggedTexts(logs), ["error: Multiple exceptions in yield list: Error: second"]);
});

Deno.test("multi logs no error that is declared quiet", async () => {
  using logs = captureLogs();
  const children = [fail("first"), fail("second"), Promise.reject(new TypeError("third"))];
  await assertRejects(() => multi(children, { quiet: [TypeError] }), Error, "first");
  assertEquals(loggedTexts(logs), ["error: Multiple exceptions in yield list: Error: second"]);
  await assertRejects(() => multi([fail("a"), fail("b")], { quiet: true }), Error, "a");
  assertEquals(logs.all.length, 1);
});

Deno.test("multi refuses children that cannot be waited for", async () => {
  // @ts-expect-error a number cannot be waited for
  await assertRejects(() => multi([Promise.resolve(1), 2]), BadYieldError, "the number 2");
});
