import { assertEquals, assertRejects } from "@std/assert";
import { BadYieldError, multi } from "@gustnado/gustnado";
import { settle } from "../../support/fake_clock.ts";
import { captureLogs } from "../../support/log_records.ts";
import { loggedTexts } from "../../support/logged_texts.ts";

function fail(message: string): Promise<never> {
  return Promise.reject(new Error(message));
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
  const slow = Promise.withResolvers<void>();
  const first = Promise.withResolvers<void>();
  let ended = false;
  const failing = assertRejects(
    () => multi([slow.promise, first.promise, fail("second")]).finally(() => ended = true),
    Error,
    "first",
  );
  first.reject(new Error("first"));
  await settle();
  assertEquals(ended, false);
  slow.resolve();
  await failing;
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
